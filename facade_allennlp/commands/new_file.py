"""An output file that is not there yet."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facade_allennlp.errors import InputError
from facade_allennlp.named import check_can_be_made
from facade_allennlp.results.table import Table


def add_force(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="replace an output that is there")


def check_suffix(output: Path, suffixes: Sequence[str]) -> None:
    """
    # Raises

    `InputError` : `output` has another.
    """
    if output.suffix not in suffixes:
        raise InputError(f"{output}: name a file that ends in {' or '.join(suffixes)} as --output")


def check_new(output: Path, force: bool) -> None:
    """
    # Raises

    `InputError` : `output` is a folder, or it is there and `force` was not given; what
        should be its folder is a file.
    """
    check_can_be_made(output)
    if output.is_dir():
        raise InputError(f"{output} is a folder; name a file as --output")
    if output.exists() and not force:
        raise InputError(f"{output} exists; choose another --output, or use --force to replace it")


def write_with_table(folder: Path, name: str, results: dict[str, Any], table: Table) -> None:
    """`NAME.md`, the table, and `NAME.json`, all results, in a folder of `written_together`."""
    from facade_allennlp.report.renderers import markdown

    (folder / f"{name}.md").write_text(markdown(table) + "\n", encoding="utf-8")
    text = json.dumps(results, indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")
