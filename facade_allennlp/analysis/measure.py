"""Measures archives on a data file: records for each, one summary for all."""

import copy
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import Archive
from tqdm import tqdm

from facade_allennlp.analysis import corpus
from facade_allennlp.analysis.analyses import Analyses
from facade_allennlp.analysis.measurement import measure_batch
from facade_allennlp.analysis.summary import summarize
from facade_allennlp.archives import load
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.attribution.batches import batches_of
from facade_allennlp.attribution.explained_model import DEFAULT_MAX_BATCH_TOKENS
from facade_allennlp.results.files import SUMMARY, write_whole
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import RecordsFile
from facade_allennlp.texts.typed_words import keep_source_texts


def measure(
    archives: Mapping[str, str],
    data: str,
    targets: Mapping[str, Any],
    methods: Mapping[str, Any],
    output: Path,
    reference: Optional[str] = None,
    max_batch_tokens: int = DEFAULT_MAX_BATCH_TOKENS,
    limit: Optional[int] = None,
    cuda_device: int = -1,
    force: bool = False,
    attacks: Optional[Mapping[str, Any]] = None,
    faithfulness: Optional[Mapping[str, Any]] = None,
    time: bool = False,
) -> dict[str, Any]:
    """
    Explains every instance of a data file by every archive with every method, and attacks it with
    every attack. What an earlier run with the same settings measured is kept.

    # Parameters

    archives : `Mapping[str, str]`
        Archive by name.
    data : `str`
        A path or address for the archives' (validation) dataset reader.
    targets, methods : `Mapping[str, Any]`
        Configs (a registered name, or a dictionary with `type`) by name. Without any method and
        attack only predictions are measured.
    output : `Path`
        Folder for `NAME.records.jsonl` of each archive and `summary.json`.
    reference : `str`, optional (default = the first archive)
        The archive whose predictions the others are compared with.
    max_batch_tokens : `int`
        The most tokens in one forward pass.
    limit : `int`, optional
        At most so many instances, spread evenly over the file.
    cuda_device : `int`
        -1 for the CPU.
    force : `bool`
        Measures anew what is there.
    attacks : `Mapping[str, Any]`, optional
        Configs by name.
    faithfulness : `Mapping[str, Any]`, optional
        Parameters of `Faithfulness`; by default it is not measured.
    time : `bool`
        Notes how long methods take.

    # Returns

    The summary: `reference`, `data`, and for each archive under `models` what `summarize` gives.

    # Raises

    `ConfigurationError` : methods without a target, an unknown reference, target, method or attack,
        an archive that does not load, no instances, or results in `output` that were made with
        other settings.
    """
    reference = reference or next(iter(archives))
    if reference not in archives:
        raise ConfigurationError(f"the reference {reference!r} is not one of {list(archives)}")
    if max_batch_tokens < 1:
        raise ConfigurationError(f"max_batch_tokens is {max_batch_tokens}, but must be >= 1")
    if limit is not None and limit < 1:
        raise ConfigurationError(f"limit is {limit}, but must be >= 1")
    settings: dict[str, Any] = {"targets": dict(targets), "methods": dict(methods)}
    if attacks:
        settings["attacks"] = dict(attacks)
    if faithfulness is not None:
        settings["faithfulness"] = dict(faithfulness)
    if time:
        settings["time"] = True
    # A copy, as building from it empties what is nested in it.
    analyses = Analyses.from_params(Params(copy.deepcopy(settings)))
    output.mkdir(parents=True, exist_ok=True)
    common = {
        "data": _identity(data),
        **settings,
        "max_batch_tokens": max_batch_tokens,
        "limit": limit,
    }
    measured: dict[str, list[Record]] = {}
    for name, location in archives.items():
        if force:
            for stale in output.glob(f"{name}.records.jsonl*"):
                stale.unlink()
        file = RecordsFile(output, name, {"archive": _identity(location), **common})
        if not file.complete:
            archive = load(location, cuda_device)
            explained = ExplainedModel(archive.model, max_batch_tokens=max_batch_tokens)
            _complete(file, name, archive, explained, data, analyses, limit)
        measured[name] = file.finish()
    summary = {
        "data": common["data"]["path"],
        "reference": reference,
        "models": {
            name: {
                "archive": archives[name],
                **summarize(
                    records,
                    None if name == reference else measured[reference],
                    analyses.attacks,
                    analyses.faithfulness,
                ),
            }
            for name, records in measured.items()
        },
    }
    text = json.dumps(summary, indent=2, ensure_ascii=False)
    write_whole(output / SUMMARY, text + "\n")
    return summary


def _complete(
    file: RecordsFile,
    name: str,
    archive: Archive,
    explained: ExplainedModel,
    data: str,
    analyses: Analyses,
    limit: Optional[int],
) -> None:
    reader = archive.validation_dataset_reader
    keep_source_texts(reader)
    instances = corpus.read(reader, data, limit)
    numbers = list(instances)
    vocabulary = archive.model.vocab
    corpus.index(instances, vocabulary, data)
    for target in analyses.all_targets:
        for namespace in set(explained.namespaces.values()) & vocabulary.get_namespaces():
            target.check(vocabulary, namespace)
    # Batches are planned over all instances and measured whole, so that a run that was stopped and
    # taken up again computes what an uninterrupted one does.
    with tqdm(total=len(instances), desc=name, unit="input") as progress:
        for places in batches_of(list(instances.values()), explained.max_batch_tokens):
            indices = [numbers[place] for place in places]
            if not all(index in file.known for index in indices):
                batch = [instances[index] for index in indices]
                records = measure_batch(explained, batch, indices, analyses)
                file.add(records)
            progress.update(len(indices))


def _identity(location: str) -> dict[str, Any]:
    """A file's path and what is in it (of a folder, the archive in it), or an address."""
    path = Path(location)
    held = (path / name for name in ("model.tar.gz", "weights.th", "best.th"))
    file = next(filter(Path.is_file, (path, *held)), None)
    if file is None:
        return {"path": location}
    with file.open("rb") as content:
        return {"path": location, "sha256": hashlib.file_digest(content, "sha256").hexdigest()}
