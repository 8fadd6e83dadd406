"""The tiny models, measured on the tiny reviews."""

from pathlib import Path
from typing import Any

from facade_allennlp.analysis.run import measure
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import read
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.summary import Summary
from facade_allennlp.scale.workers import Workers
from fixtures import VALIDATION

STOP_WORDS = {"type": "words", "words": ["the", "was", "is", "in", "it", "an", "that", "not"]}


SETTINGS: dict[str, Any] = {
    "targets": {"first_token": "first_token", "few": STOP_WORDS},
    "methods": {"gradient": "gradient"},
    "max_batch_tokens": 24,
}


def run(
    archives: dict[str, str],
    output: Path,
    data: str = VALIDATION,
    reference: str | None = None,
    force: bool = False,
    workers: Workers | None = None,
    **settings: Any,
) -> Summary:
    made = Settings(**{**SETTINGS, **settings})
    return measure(archives, data, made, output, reference, force=force, workers=workers)


def records_of(output: Path, name: str = "f") -> list[Record]:
    return read(output / f"{name}.records.jsonl")[1]
