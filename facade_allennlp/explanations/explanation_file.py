"""Explanations as JSON Lines, written as they come, and taken up again after a stop."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from facade_allennlp.errors import InputError
from facade_allennlp.explanations.explanation import Explanation
from facade_allennlp.lines import strict_json
from facade_allennlp.results.files import lock, write_whole_of


class ExplanationFile:
    """
    A file of which each line holds an input and, as `explanation`, what `Explanation.to_json`
    gives. As long as some are missing they are in `FILE.partial`: a first line that says what they
    are made by, then a line for each input, in the order in which they were made.

        with explanation_file(Path("explained.jsonl"), made_by={"archive": "runs/f"}) as file:
            file.add(0, inputs, predictor.explain(inputs), top=5)

    # Parameters

    content : `BinaryIO`
        Of the partial file, which may have been written before.
    made_by : `Mapping[str, Any]`
        All that the lines depend on, in JSON.

    # Raises

    `InputError` : what is in the partial file was made by something else.
    """

    def __init__(self, content: BinaryIO, made_by: Mapping[str, Any]) -> None:
        self._content = content
        self._offsets: dict[int, int] = {}
        header = _line(made_by)
        first = content.readline()
        if not first.endswith(b"\n"):  # new, or left by a run that was killed at once
            content.seek(0)
            content.truncate()
            content.write(header)
        elif first != header:
            raise InputError(
                f"{content.name} is of another archive, other inputs or options; choose another "
                "--output, or use --force to begin anew"
            )
        self._take_up()

    def _take_up(self) -> None:
        end = self._content.tell()
        for line in iter(self._content.readline, b""):
            try:
                number, _ = _numbered(line)
            except ValueError:
                break  # a killed run may have left half a line
            self._offsets[number] = end
            end += len(line)
        self._content.seek(end)
        self._content.truncate()

    def __len__(self) -> int:
        """How many inputs are there."""
        return len(self._offsets)

    def __contains__(self, number: object) -> bool:
        """Whether an input is there, by its number."""
        return number in self._offsets

    def add(
        self,
        first: int,
        inputs: Sequence[Mapping[str, Any]],
        explanations: Sequence[Explanation],
        top: int,
    ) -> None:
        """
        # Parameters

        first : `int`
            The number of the first input; the others follow it.
        inputs : `Sequence[Mapping[str, Any]]`
            What is explained.
        explanations : `Sequence[Explanation]`
            Of each input.
        top : `int`
            How many of the tokens with the highest attribution are named.
        """
        for number, (entry, explanation) in enumerate(
            zip(inputs, explanations, strict=True), start=first
        ):
            explained = {**entry, "explanation": explanation.to_json(top)}
            line = json.dumps(explained, ensure_ascii=False)
            self._offsets[number] = self._content.tell()
            self._content.write(_line({"number": number, "line": line}))
        self._content.flush()

    @property
    def lines(self) -> Iterator[str]:
        """By the numbers of their inputs."""
        for number in sorted(self._offsets):
            self._content.seek(self._offsets[number])
            yield _numbered(self._content.readline())[1]


@contextmanager
def explanation_file(
    path: Path, made_by: Mapping[str, Any], anew: bool = False
) -> Iterator[ExplanationFile]:
    """
    A file of explanations, which is finished at the end if nothing fails.

    # Parameters

    made_by : `Mapping[str, Any]`
        See `ExplanationFile`.
    anew : `bool`, optional (default = `False`)
        What an earlier run left does not count.

    # Raises

    `InputError` : what is there was made by something else, or another process is writing it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.touch()
    with partial.open("r+b") as content:
        lock(content.fileno(), str(path))
        if anew:
            content.truncate()
        file = ExplanationFile(content, made_by)
        try:
            yield file
        except BaseException:
            if not len(file):
                partial.unlink()
            raise
        write_whole_of(path, (line + "\n" for line in file.lines))
        # Who waited to open it may have taken it away already.
        partial.unlink(missing_ok=True)


def _line(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False) + "\n").encode()


def _numbered(line: bytes) -> tuple[int, str]:
    """
    # Raises

    `ValueError` : the line is none of a partial file.
    """
    match strict_json(line.decode()):
        case {"number": int(number), "line": str(text)}:
            return number, text
    raise ValueError("this is no numbered line")
