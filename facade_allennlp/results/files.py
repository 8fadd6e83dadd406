"""The folder of a measurement: its summary, and files that are whole or not there."""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from facade_allennlp.errors import InputError, placed
from facade_allennlp.lines import strict_json
from facade_allennlp.named import check_plain
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.summary import VERSION, ModelSummary, Summary, upgraded

SUMMARY = "summary.json"
FAITHFULNESS = "faithfulness"
UNFINISHED = ".unfinished"
"""The folder of files that are being written."""


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
        content = strict_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is no summary of a measurement: {error}") from None
    with placed(f"{path} is no summary of a measurement"):
        summary = summary_from_json(content)
        first, *others = summary.models.items()
        for other in others:
            _check_alike(*first, *other)
    return summary


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
    _check_whole(summary)
    return summary


def _check_whole(summary: Summary) -> None:
    """
    # Raises

    `InputError` : a part of a summary does not fit the others.
    """
    if not summary.models:
        raise InputError("it names no models")
    if summary.reference not in summary.models:
        raise InputError(f"its reference {summary.reference!r} is none of its models")
    for name in summary.models:
        check_plain(name, "model")
    for number, table in enumerate(summary.tables):
        rows, columns = len(table.rows), len(table.columns)
        if [len(row) for row in table.cells] != [columns] * rows:
            raise InputError(f"tables[{number}] has not a cell for each of its rows and columns")


def _check_alike(name: str, first: ModelSummary, other_name: str, other: ModelSummary) -> None:
    """
    Checks that of a model all is told that is told of the first one: they stand side by side.

    # Raises

    `InputError` : it is not.
    """
    told, by_other = list(_told(first)), set(_told(other))
    # Not each model need be explained faithfully, or like the reference.
    both = other.faithfulness is not None
    missing = [one for one in told if one not in by_other and (both or one[0] != FAITHFULNESS)]
    if missing:
        raise InputError(
            f"it tells {' / '.join(missing[0])} of {name!r}, but not of {other_name!r}"
        )


def _told(model: ModelSummary) -> Iterator[tuple[str, ...]]:
    """The places of what is told of a model."""
    for attack, numbers in model.attacks.items():
        yield "attacks", attack
        for name, value in numbers.items():
            yield "attacks", attack, name
            if isinstance(value, dict):
                yield from (("attacks", attack, name, entry) for entry in value)
    if model.faithfulness is not None:
        for method, measured in model.faithfulness.methods.items():
            shares = [f"{point.share:g} %" for point in measured.curve]
            yield FAITHFULNESS, method, *shares


def write_summary(results: Path, summary: Summary) -> None:
    """Into a folder that nobody else writes into, see `locked`."""
    text = json.dumps(to_json(summary), indent=2, ensure_ascii=False)
    # Of one name, so that a run that is killed leaves nothing that the next one does not replace.
    temporary = results / (SUMMARY + ".tmp")
    temporary.write_text(text + "\n", encoding="utf-8")
    os.replace(temporary, results / SUMMARY)


def write_whole(path: Path, text: str) -> None:
    """See `write_whole_of`."""
    write_whole_of(path, [text])


def write_whole_of(path: Path, parts: Iterable[str]) -> None:
    """
    A text out of parts, whole or not at all, in a folder that is made if it is not there.

    # Raises

    `OSError` : of `path`, whatever it is that could not be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary: Optional[Path] = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        temporary = Path(name)
        with open(handle, "w", encoding="utf-8") as file:
            file.writelines(parts)
        temporary.chmod(0o666 & ~_mask())
        os.replace(temporary, path)
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _mask() -> int:
    """Of the permissions that new files do not get."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def lock(handle: int, place: str) -> None:
    """
    Keeps others from what is open, until it is closed, however that comes.

    # Parameters

    place : `str`
        What is written, for the message.

    # Raises

    `InputError` : another process holds the lock.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InputError(
            f"another command is writing {place}: wait until it has ended, or choose another "
            "--output"
        ) from None


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """
    Keeps others from writing into a folder, which is made if it is not there, and goes again if
    nothing was written into it. The lock lies on the folder itself, and ends with the process that
    holds it, however that ends.

        with locked(Path("runs/results")):
            ...

    # Raises

    `InputError` : another process holds the lock; `folder` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file: name a folder as --output")
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        lock(handle, f"into {folder}")
        yield
    finally:
        os.close(handle)
        if is_new and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def written_together(folder: Path) -> Iterator[Path]:
    """
    A temporary folder for files that belong into `folder`: they are put there once all of them are
    written, JSON last, and else are gone. Meanwhile nobody else writes there; see `locked`.

        with written_together(Path("runs/pruning")) as unfinished:
            (unfinished / "pruning.md").write_text("...")
    """
    with locked(folder):
        unfinished = folder / UNFINISHED
        shutil.rmtree(unfinished, ignore_errors=True)  # of a run that was killed
        unfinished.mkdir()
        try:
            yield unfinished
            for file in sorted(unfinished.iterdir(), key=lambda one: (one.suffix == ".json", one)):
                os.replace(file, folder / file.name)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
