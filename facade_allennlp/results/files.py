"""The folder of a measurement: its summary, and files that are whole or not there."""

import json
import os
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

SUMMARY = "summary.json"


def read_summary(results: Path) -> dict[str, Any]:
    """
    The summary in a folder of results.

    # Raises

    `ConfigurationError` : the folder holds no summary, or one that cannot be read.
    """
    path = results / SUMMARY
    if not path.exists():
        raise ConfigurationError(
            f"{results} has no {SUMMARY}: it is no folder of results, or its measurement has not "
            "ended; run `allennlp measure` to its end"
        )
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigurationError(f"{path} is no summary of a measurement: {error}") from None
    if not isinstance(summary, dict) or not summary.get("models"):
        raise ConfigurationError(f"{path} is no summary of a measurement: it names no models")
    return summary


def write_whole(path: Path, text: str) -> None:
    """Whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
