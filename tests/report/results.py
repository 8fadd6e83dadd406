"""Hand-made records, and result files of them as `measure` leaves them."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from facade_allennlp.analysis.summary import summarize
from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.results.files import SUMMARY, write_whole
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import RecordsFile

DATA = "reviews & more.jsonl"
TARGETS = {"first_token": "first_token", "none": {"type": "words", "words": ["<b>"]}}
ATTACKS = {"reduction": InputReduction(), "flip": HotFlip()}
ATTACK_CONFIGS = {"reduction": "input_reduction", "flip": "hotflip"}


def record(index: int, words: Sequence[str], first: float = 1.0, **other: Any) -> Record:
    """
    Of a text between two special tokens. `first` is the score of the first word under `gradient`;
    all other scores are 1, those of special tokens among them.
    """
    whole: dict[str, Any] = {
        "index": index,
        "label": "good",
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
    return Record(**{**whole, **other})


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
    attacks = list(records_of_reference[0].attacks)
    common = {
        "data": {"path": data},
        "targets": targets,
        "methods": {"gradient": "gradient", "own<method>": "lrp"} if methods is None else methods,
        "max_batch_tokens": 64,
        "limit": None,
    }
    if attacks:
        common["attacks"] = {name: ATTACK_CONFIGS[name] for name in attacks}
    summary: dict[str, Any] = {"data": data, "reference": reference, "models": {}}
    for name, records in models.items():
        archive = f"runs/{name}.tar.gz"
        file = RecordsFile(folder, name, {"archive": {"path": archive}, **common})
        file.add(records)
        file.finish()
        compared = None if name == reference else records_of_reference[:summarized]
        done = {attack: ATTACKS[attack] for attack in attacks}
        numbers = summarize(records[:summarized], compared, done)
        summary["models"][name] = {"archive": archive, **numbers}
    write_whole(folder / SUMMARY, json.dumps(summary))
    return folder
