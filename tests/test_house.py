"""The rooms of the package: each imports those below it, never one above or beside it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "facade_allennlp"
FLOORS: list[set[str]] = [
    {"__init__", "__main__", "plugin"},
    {"commands"},
    {"demo", "serving"},
    {"web", "reproduction"},
    {"components"},
    {"report"},
    {"studies", "audit"},
    {"analysis"},
    {"interpret", "predictors", "training", "exchange"},
    {"faithfulness", "attacks", "explanations", "models"},
    {"construction"},
    {"readers"},
    {"merging"},
    {"attribution"},
    {"display"},
    {"results"},
    {"tasks"},
    {"scale"},
    {"archives"},
    {"anatomy", "targets"},
    {"texts"},
    {"scores", "sources", "number", "registered"},
    {"named"},
    {"lazy_registry", "quick_start", "lines"},
    {"errors", "lazy_imports", "visible"},
]
"""From the top to the ground."""
EXCEPTIONS = {
    ("archives", "components"): "an archive may name anything that is registered",
    ("predictors", "web"): "a request's texts are checked alike over HTTP and from a file",
}
"""Imports against the order, and why they stay."""
LINES = 320
"""Some 300 are what a reader can hold in the head."""


def room_of(file: Path) -> str:
    """The folder in the package, or the name of a module that stands in no folder."""
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of all modules that are imported, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: imports name the whole module"
            module = node.module or ""
            yield from ((node.lineno, f"{module}.{name.name}") for name in node.names)


def rooms_imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for line, name in imported(tree):
        package, *rest = name.split(".")
        if package == PACKAGE.name and rest:
            yield line, rest[0]


def sources() -> list[Path]:
    files = sorted(PACKAGE.rglob("*.py"))
    assert len(files) > 100
    return files


def floor(room: str) -> int:
    (found,) = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    return found


def test_every_room_has_one_place() -> None:
    named = [room for rooms in FLOORS for room in rooms]
    assert len(named) == len(set(named))
    assert {room_of(file) for file in sources()} == set(named)


def test_rooms_import_only_what_is_below_them() -> None:
    upwards: dict[tuple[str, str], list[str]] = {}
    for file in sources():
        room = room_of(file)
        for line, other in rooms_imported(ast.parse(file.read_text(encoding="utf-8"))):
            known = other != room and any(other in rooms for rooms in FLOORS)
            if known and floor(other) <= floor(room):
                place = f"{file.relative_to(ROOT)}:{line}"
                upwards.setdefault((room, other), []).append(place)
    assert not {pair: places for pair, places in upwards.items() if pair not in EXCEPTIONS}
    assert upwards.keys() == EXCEPTIONS.keys(), "an exception that nothing needs any more"


@pytest.mark.parametrize(
    ("source", "rooms"),
    [
        ("import facade_allennlp.demo.app", ["demo"]),
        ("from facade_allennlp.demo import app", ["demo"]),
        ("from facade_allennlp import demo, errors", ["demo", "errors"]),
        ("def f():\n    from facade_allennlp.demo.app import Demo", ["demo"]),
        ("import torch\nfrom allennlp.models import Model", []),
    ],
)
def test_every_way_to_import_is_seen(source: str, rooms: list[str]) -> None:
    assert [room for _, room in rooms_imported(ast.parse(source))] == rooms


def test_only_anatomies_know_the_classes_of_transformers() -> None:
    knowing = {
        room_of(file)
        for file in sources()
        for _, name in imported(ast.parse(file.read_text(encoding="utf-8")))
        if name.startswith("transformers.models")
    }
    assert knowing == {"anatomy"}


def test_no_file_is_too_long_to_hold_in_the_head() -> None:
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for folder in ("facade_allennlp", "fixtures", "benchmarks")
        for file in (ROOT / folder).rglob("*.py")
    }
    assert lengths
    assert not {name: lines for name, lines in lengths.items() if lines > LINES}


def test_no_name_says_nothing() -> None:
    nothing = re.compile(r"(^|_)(utils?|helpers?|misc|common)(_|$)")
    files = [file for file in PACKAGE.rglob("*") if file.suffix not in (".pyc", "")]
    parts = {part for file in files for part in file.relative_to(PACKAGE).with_suffix("").parts}
    assert not {part for part in parts if nothing.search(part)}
