"""Measures archives on a data file: records for each, one summary for all."""

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from tqdm import tqdm

from facade_allennlp.analysis.blocks import (
    Block,
    Numbered,
    Plan,
    labels_indexed,
    vocabulary_filled,
    without_indexers,
)
from facade_allennlp.analysis.measurement import Measurement
from facade_allennlp.analysis.measuring import Measuring, measured
from facade_allennlp.analysis.summing import Summing
from facade_allennlp.archives import load
from facade_allennlp.attribution import explained_archive
from facade_allennlp.attribution.like_lengths import budget_on
from facade_allennlp.errors import InputError
from facade_allennlp.named import check_plain
from facade_allennlp.results.files import locked, write_summary
from facade_allennlp.results.header import Header
from facade_allennlp.results.records_file import RecordsFile
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.shard import JSON_LINES, Line
from facade_allennlp.results.source import identified
from facade_allennlp.results.summary import Summary
from facade_allennlp.scale.mapped import mapped
from facade_allennlp.scale.workers import Workers
from facade_allennlp.sources import corpus
from facade_allennlp.tasks.task import known_scores
from facade_allennlp.texts.typed_words import keep_source_texts

MOST_LEFT_OUT = 0.01
"""With more of the inputs, a run with workers ends."""
FEW = 5
"""So many inputs may always be left out."""


def measure(
    archives: Mapping[str, str],
    data: str,
    settings: Settings,
    output: Path,
    reference: Optional[str] = None,
    cuda_device: int = -1,
    force: bool = False,
    workers: Optional[Workers] = None,
    suffix: str = JSON_LINES,
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
    workers : `Workers`, optional (default = this process)
        Who share the inputs. The results are the same.
    suffix : `str`, optional (default = `".jsonl"`)
        The format of the records, one of `FORMATS`.

    # Raises

    `ConfigurationError` : methods without a target, an unknown reference, target, method, attack or
        analysis, an archive that does not load, no instances.
    `InputError` : results in `output` that were made with other settings, or are no results; a name
        that no file can have; another command is writing into `output`; what `mapped` refuses.
    """
    reference = reference or next(iter(archives))
    if reference not in archives:
        raise ConfigurationError(f"the reference {reference!r} is not one of {list(archives)}")
    for name in archives:
        check_plain(name, "model")
    measurement = Measurement.from_settings(settings)
    with locked(output):
        files: dict[str, RecordsFile] = {}
        for name, location in archives.items():
            header = Header(identified(location), identified(data), settings, measurement.labels)
            files[name] = RecordsFile(output, name, header, force, suffix)
            if not files[name].complete:
                _complete(files[name], name, measurement, cuda_device, workers)
            files[name].finish()
        models = {}
        for name, file in files.items():
            other = None if name == reference else files[reference].path
            summing = Summing(settings, file.path, other, file.was_there)
            models[name] = summing.summarized(workers)
        for name, model in models.items():
            model.archive = archives[name]
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


def _complete(
    file: RecordsFile,
    name: str,
    measurement: Measurement,
    cuda_device: int,
    workers: Optional[Workers],
) -> None:
    """Measures what is missing in a records file."""
    settings, data = file.header.settings, file.header.data.path
    archive = load(file.header.archive.path, cuda_device, settings.overrides or "")
    explained = explained_archive(archive, **settings.of_model)
    reader, vocabulary = archive.validation_dataset_reader, archive.model.vocab
    keep_source_texts(reader)

    def prepare(instances: Numbered) -> None:
        if workers is None:
            corpus.index(instances, vocabulary, data)
        else:
            labels_indexed(instances, vocabulary, data)
            vocabulary_filled(next(iter(instances.values())), vocabulary)
            without_indexers(instances, reader)
        for target in measurement.all_targets:
            for namespace in explained.token_namespaces:
                target.check(explained.reader, namespace)

    # Batches are planned over all instances and measured whole, so that a run that was stopped and
    # taken up again computes what an uninterrupted one does.
    instances = corpus.stream(reader, data, settings.limit)
    if workers is None:
        plan = Plan(instances, explained.max_batch_tokens, prepare)
    else:
        device = torch.device("cuda" if workers.gpus else "cpu")
        tokens = settings.max_batch_tokens or budget_on(device).tokens
        plan = Plan(instances, tokens, prepare, workers.count)
    with tqdm(desc=name, unit="input") as progress:
        missing = _missing(plan, file, progress, data)
        if workers is None:
            for block in missing:
                for batch in block.batches:
                    file.add(map(Line.of, measured(measurement, explained, batch)))
                    progress.update(len(batch))
        else:
            work = Measuring(file.header.archive.for_workers, data, settings)
            with closing(mapped(work, missing, workers)) as done:
                for block, lines in done:
                    file.add(lines)
                    progress.update(block.size)
                    _check_most_can_be_measured(file, plan)
    if file.is_empty:
        file.discard()
        raise ConfigurationError(f"{data}: no input can be measured: {next(iter(file.left_out))}")


def _missing(plan: Plan, file: RecordsFile, progress: tqdm, data: str) -> Iterator[Block]:
    """What is not in a records file; as for the progress, the rest is done."""
    for block in plan:
        if plan.whole:
            progress.total = plan.read
        elif progress.total is None:
            progress.total = corpus.lines(data)
        missing = [batch for batch in block.batches if not all(map(file.has, batch))]
        progress.update(block.size - sum(map(len, missing)))
        if missing:
            yield Block(missing)


def _check_most_can_be_measured(file: RecordsFile, plan: Plan) -> None:
    """
    # Raises

    `InputError` : more inputs are left out than a long run is worth while for.
    """
    most = max(FEW, MOST_LEFT_OUT * plan.read)
    count = file.left_out.total()
    if count > most:
        ((reason, _),) = file.left_out.most_common(1)
        raise InputError(
            f"{count} of {plan.read} inputs cannot be measured, which is more than "
            f"{MOST_LEFT_OUT:.0%}: {reason}; without --workers they are left out, however many "
            "they are"
        )
