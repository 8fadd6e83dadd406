"""The folder of a measurement: its summary, and files that are whole or not there."""

import json
import os
from pathlib import Path
from typing import Any

from facade_allennlp.errors import InputError, placed
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.summary import VERSION, Summary, upgraded

SUMMARY = "summary.json"


def read_summary(results: Path) -> Summary:
    """
    The summary in a folder of results.

        summary = read_summary(Path("runs/results"))
        summary.models["f_ft"].targets["first_token"].methods["gradient"].p_at_1

    # Raises

    `InputError` : the folder holds no summary, or one that cannot be read.
    """
    path = results / SUMMARY
    if not path.exists():
        raise InputError(
            f"{results} has no {SUMMARY}: it is no folder of results, or its measurement has not "
            "ended; run `allennlp measure` to its end"
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is no summary of a measurement: {error}") from None
    with placed(f"{path} is no summary of a measurement"):
        return summary_from_json(content)


def summary_from_json(content: Any) -> Summary:
    """
    A summary of this version, or of version 1; see `upgraded`.

    # Raises

    `InputError` : it is no summary, or that of a version that is not known.
    """
    if not isinstance(content, dict) or not isinstance(content.get("models"), dict):
        raise InputError("it names no models")
    version = content.get("version", 1)
    try:
        content = upgraded(content) if version == 1 else content
    except (AttributeError, KeyError, TypeError):
        raise InputError("it is of version 1, but not as that was; measure anew") from None
    if content["version"] != VERSION:
        raise InputError(f"it is of version {version!r}, which is not known here: measure anew")
    summary = from_json(Summary, content)
    if not summary.models:
        raise InputError("it names no models")
    return summary


def write_summary(results: Path, summary: Summary) -> None:
    text = json.dumps(to_json(summary), indent=2, ensure_ascii=False)
    write_whole(results / SUMMARY, text + "\n")


def write_whole(path: Path, text: str) -> None:
    """Whole or not at all."""
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
