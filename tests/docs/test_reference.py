"""The reference tells of everything that is registered, and of nothing else."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands import Subcommand
from allennlp.common import Registrable

import facade_allennlp.plugin
import facade_allennlp.reproduction  # noqa: F401
from facade_allennlp.models.fooled_method import FooledMethod

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "reference.md").read_text(encoding="utf-8")
README = (DOCS.parent / "README.md").read_text(encoding="utf-8")
GIVEN = {"vocab", "model", "dataset_reader", "predictor", "serialization_dir", "frozen"}
"""Arguments that AllenNLP passes by itself."""

OURS = [
    (kind, name, entry, constructor)
    for kind, entries in Registrable._registry.items()
    for name, (entry, constructor) in entries.items()
    if entry.__module__.startswith("facade_allennlp.")
]


def rows_of(name: str) -> list[str]:
    """The rows of the reference's tables that tell of a name."""
    return [line for line in REFERENCE.splitlines() if line.startswith("|") and f"`{name}`" in line]


@pytest.mark.parametrize(
    ("kind", "name", "entry", "constructor"), OURS, ids=[f"{o[0].__name__}-{o[1]}" for o in OURS]
)
def test_what_is_registered_has_a_row_with_its_parameters(
    kind: type, name: str, entry: Any, constructor: str | None
) -> None:
    rows = rows_of(name)
    assert rows, f"docs/reference.md has no row for {kind.__name__} {name!r}"
    if kind is Subcommand:
        return
    signature = inspect.signature(getattr(entry, constructor) if constructor else entry)
    parameters = {
        parameter.name
        for parameter in signature.parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    }
    told = " ".join(rows)
    untold = {p for p in parameters - GIVEN - {"field"} if f"`{p}`" not in told}
    assert not untold


def test_a_fooled_method_is_described() -> None:
    for parameter in inspect.signature(FooledMethod).parameters:
        assert f"`{parameter}`" in REFERENCE


def test_each_name_in_the_tables_is_one() -> None:
    names = {name for _, name, _, _ in OURS}
    firsts = [
        cell
        for line in REFERENCE.splitlines()
        if line.startswith("| `") or line.startswith("| [`")
        for cell in re.findall(r"`(\w+)`", line.split("|")[1])
    ]
    assert len(firsts) > 30
    assert set(firsts) <= names | {"type"}


def test_the_readme_names_every_command_method_and_target() -> None:
    kinds = ("Subcommand", "AttributionMethod", "TokenTarget", "Attack", "Predictor", "Storage")
    kinds += ("Model", "SaliencyInterpreter", "Attacker", "TrainerCallback")
    unnamed = [
        name
        for kind, name, _, _ in OURS
        if kind.__name__ in kinds and not re.search(rf"(?<!\w){name}(?!\w)", README)
    ]
    assert unnamed == []
