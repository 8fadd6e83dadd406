"""Measures archives on a data file: records for each, one summary for all."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from tqdm import tqdm

from facade_allennlp.analysis.measurement import Measurement
from facade_allennlp.archives import load
from facade_allennlp.attribution import ExplainedModel, explained_archive
from facade_allennlp.attribution.attempt import sentence
from facade_allennlp.attribution.batches import batches_of
from facade_allennlp.errors import InputError, is_users
from facade_allennlp.named import check_plain
from facade_allennlp.results.files import locked, write_summary
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import Header, LeftOut, RecordsFile, Source
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.summary import ModelSummary, Summary
from facade_allennlp.sources import corpus
from facade_allennlp.tasks.task import known_scores
from facade_allennlp.texts.typed_words import keep_source_texts

logger = logging.getLogger(__name__)

UNREADABLE = (IndexError, RuntimeError, ValueError)
"""What torch, and models, raise at an input that they cannot read; these and none below them."""
NOT_AS_WRITTEN = (AttributeError, ArithmeticError, LookupError, TypeError, ValueError)
"""What analyses raise at records of another form."""


def measure(
    archives: Mapping[str, str],
    data: str,
    settings: Settings,
    output: Path,
    reference: Optional[str] = None,
    cuda_device: int = -1,
    force: bool = False,
) -> Summary:
    """
    Explains every instance of a data file by every archive with every method, attacks it with every
    attack, and makes every further analysis. What an earlier run with the same settings measured is
    kept.

        settings = Settings({"first_token": "first_token"}, {"gradient": "gradient"})
        measure({"f": "runs/f"}, "dev.jsonl", settings, Path("runs/results"))

    # Parameters

    archives : `Mapping[str, str]`
        Archive by name.
    data : `str`
        A path or address for the archives' (validation) dataset reader.
    settings : `Settings`
    output : `Path`
        Folder for `NAME.records.jsonl` of each archive and `summary.json`.
    reference : `str`, optional (default = the first archive)
        The archive whose predictions the others are compared with.
    cuda_device : `int`
        -1 for the CPU.
    force : `bool`
        Measures anew what is there.

    # Raises

    `ConfigurationError` : methods without a target, an unknown reference, target, method, attack or
        analysis, an archive that does not load, no instances.
    `InputError` : results in `output` that were made with other settings, or are no results; a name
        that no file can have; another command is writing into `output`.
    """
    reference = reference or next(iter(archives))
    if reference not in archives:
        raise ConfigurationError(f"the reference {reference!r} is not one of {list(archives)}")
    for name in archives:
        check_plain(name, "model")
    measurement = Measurement.from_settings(settings)
    with locked(output):
        files: dict[str, RecordsFile] = {}
        records: dict[str, list[Record]] = {}
        for name, location in archives.items():
            header = Header(identified(location), identified(data), settings, measurement.labels)
            files[name] = RecordsFile(output, name, header, anew=force)
            if not files[name].complete:
                _complete(files[name], name, measurement, cuda_device)
            records[name] = files[name].finish()
        models = {
            name: _summarized(
                measurement, files[name], of, None if name == reference else records[reference]
            )
            for name, of in records.items()
        }
        for name, model in models.items():
            model.archive = archives[name]
            model.left_out = files[name].reasons
        scores = dict.fromkeys(score for model in models.values() for score in model.scores)
        titles = known_scores()
        summary = Summary(
            reference,
            models,
            data,
            measurement.labels,
            {score: titles[score].title for score in scores},
            measurement.tables(models),
        )
        write_summary(output, summary)
        return summary


def _summarized(
    measurement: Measurement,
    file: RecordsFile,
    records: Sequence[Record],
    reference: Optional[Sequence[Record]],
) -> ModelSummary:
    """
    The numbers of a model. Records that were there before need not be what the analyses wrote.

    # Raises

    `InputError` : they are not.
    """
    try:
        return measurement.summarize(records, reference)
    except NOT_AS_WRITTEN as error:
        if not file.was_there:
            raise
        raise InputError(
            f"{file.path}: its records are not as the analyses write them ({sentence(error)}); "
            "measure anew with --force"
        ) from error


def _complete(file: RecordsFile, name: str, measurement: Measurement, cuda_device: int) -> None:
    """Measures what is missing in a records file."""
    settings, data = file.header.settings, file.header.data.path
    overrides = "" if settings.overrides is None else json.dumps(settings.overrides)
    archive = load(file.header.archive.path, cuda_device, overrides)
    explained = explained_archive(archive, **settings.of_model)
    reader = archive.validation_dataset_reader
    keep_source_texts(reader)
    instances = corpus.read(reader, data, settings.limit)
    numbers = list(instances)
    vocabulary = archive.model.vocab
    corpus.index(instances, vocabulary, data)
    for target in measurement.all_targets:
        for namespace in explained.token_namespaces:
            target.check(explained.reader, namespace)
    # Batches are planned over all instances and measured whole, so that a run that was stopped and
    # taken up again computes what an uninterrupted one does.
    with tqdm(total=len(instances), desc=name, unit="input") as progress:
        for places in batches_of(list(instances.values()), explained.max_batch_tokens):
            indices = [numbers[place] for place in places]
            if not all(file.has(index) for index in indices):
                batch = {index: instances[index] for index in indices}
                file.add(_measured(measurement, explained, batch))
            progress.update(len(indices))
    if not file.known:
        file.partial.unlink(missing_ok=True)
        raise ConfigurationError(
            f"{data}: no input can be measured: {next(iter(file.reasons or ()))}"
        )


def _measured(
    measurement: Measurement, explained: ExplainedModel, instances: Mapping[int, Instance]
) -> list[Record | LeftOut]:
    """
    The records of a batch; where that fails, of each input by itself, so that one that the model
    cannot read is left out. An error that does not look like that, but like a fault in a program,
    is logged with where it came from. `instances` are given by their numbers in the data file.
    """
    try:
        return list(measurement.measure(explained, list(instances.values()), list(instances)))
    except Exception as error:
        if len(instances) == 1:
            (index,) = instances
            if not is_users(error) and type(error) not in UNREADABLE:
                logger.exception("instance %d is left out, by a fault in a program", index)
            return [LeftOut(index, sentence(error))]
    return [
        record
        for index, instance in instances.items()
        for record in _measured(measurement, explained, {index: instance})
    ]


def identified(location: str) -> Source:
    """A file's path and what is in it (of a folder, the archive in it), or an address."""
    path = Path(location)
    held = (path / name for name in ("model.tar.gz", "weights.th", "best.th"))
    file = next(filter(Path.is_file, (path, *held)), None)
    if file is None:
        return Source(location)
    with file.open("rb") as content:
        return Source(location, hashlib.file_digest(content, "sha256").hexdigest())
