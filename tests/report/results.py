"""Hand-made records, and result files of them as `measure` leaves them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facade_allennlp.analysis import Measurement
from facade_allennlp.results.files import write_summary
from facade_allennlp.results.header import Header
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import RecordsFile
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.shard import Line
from facade_allennlp.results.source import Source
from facade_allennlp.results.summary import Summary
from facade_allennlp.results.titles import SCORES

DATA = "reviews & more.jsonl"
TARGETS = {"first_token": "first_token", "none": {"type": "words", "words": ["<b>"]}}
ATTACKS = {"reduction": "input_reduction", "flip": "hotflip"}


def record(index: int, words: Sequence[str], first: float = 1.0, **other: Any) -> Record:
    """
    Of a text between two special tokens. `first` is the score of the first word under `gradient`;
    all other scores are 1, those of special tokens among them.
    """
    whole: dict[str, Any] = {
        "index": index,
        "gold": "good",
        "prediction": "good",
        "probabilities": [0.75, 0.25],
        "tokens": ["[CLS]", *words, "[SEP]"],
        "word_ids": [None, *range(len(words)), None],
        "words": list(words),
        "targets": {"first_token": [1], "none": []},
        "scores": {
            "gradient": [1.0, first] + [1.0] * len(words),
            "own<method>": [1.0] * (len(words) + 2),
        },
    }
    whole |= other
    right = None if whole["gold"] is None else whole["gold"] == whole["prediction"]
    accuracy = None if right is None else float(right)
    return Record(**{"right": right, "against_gold": {"accuracy": accuracy}, **whole})


def reduced(dropped: Sequence[int], left: Sequence[int]) -> dict[str, Any]:
    """What a record keeps of input reduction."""
    return {"left": list(left), "stop_words": [], "dropped": list(dropped)}


def flipped(new: Mapping[int, str], succeeded: bool = True) -> dict[str, Any]:
    """What a record keeps of HotFlip, given the new tokens by their positions."""
    flips = [{"position": position, "old": "…", "new": token} for position, token in new.items()]
    return {"flips": flips, "succeeded": succeeded, "attackable": 5}


def write_results(
    folder: Path,
    models: Mapping[str, Sequence[Record]],
    methods: Mapping[str, Any] | None = None,
    targets: Mapping[str, Any] = TARGETS,
    summarized: int | None = None,
    data: str = DATA,
) -> Path:
    """
    `methods` and `targets` are configs by name; the first model is the reference. The numbers of
    the summary are those of the first `summarized` records (default: all).
    """
    folder.mkdir(exist_ok=True)
    reference, records_of_reference = next(iter(models.items()))
    settings = Settings(
        dict(targets),
        {"gradient": "gradient", "own<method>": "lrp"} if methods is None else dict(methods),
        {name: ATTACKS[name] for name in records_of_reference[0].attacks},
        max_batch_tokens=64,
    )
    measurement = Measurement.from_settings(settings)
    summary = Summary(reference, {}, data, measurement.labels, {"accuracy": SCORES["accuracy"]})
    for name, records in models.items():
        archive = f"runs/{name}.tar.gz"
        header = Header(Source(archive), Source(data), settings, measurement.labels)
        file = RecordsFile(folder, name, header)
        file.add(map(Line.of, records))
        file.finish()
        compared = None if name == reference else records_of_reference[:summarized]
        summary.models[name] = measurement.summarize(records[:summarized], compared)
        summary.models[name].archive = archive
    summary.tables = measurement.tables(summary.models)
    write_summary(folder, summary)
    return folder
