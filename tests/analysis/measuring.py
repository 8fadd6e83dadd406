"""The tiny models, measured on the tiny reviews."""

from pathlib import Path
from typing import Any

from facade_allennlp.analysis.measure import measure
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import read
from fixtures import VALIDATION

STOP_WORDS = {"type": "words", "words": ["the", "was", "is", "in", "it", "an", "that", "not"]}


def run(archives: dict[str, str], output: Path, data: str = VALIDATION, **more: Any) -> Any:
    settings: dict[str, Any] = {
        "targets": {"first_token": "first_token", "few": STOP_WORDS},
        "methods": {"gradient": "gradient"},
        "max_batch_tokens": 24,
    }
    return measure(archives, data, output=output, **{**settings, **more})


def records_of(output: Path, name: str) -> list[Record]:
    return read(output / f"{name}.records.jsonl")[1]
