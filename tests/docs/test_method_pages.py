import inspect
import sys
from pathlib import Path

import nbformat
import pytest

from facade_allennlp.attribution import AttributionMethod

DOCS = Path(__file__).parents[2] / "docs"
sys.path.insert(0, str(DOCS))

from method_pages import FOLDER, complete, measured, reference  # noqa: E402

PAGES = sorted(path.stem for path in (DOCS / FOLDER).glob("*.md"))
COMMAND = "allennlp reproduce methods --seeds 1"
SHIPPED = sorted(
    name
    for name, (method, _) in AttributionMethod._registry[AttributionMethod].items()
    if method.__module__.startswith("facade_allennlp.")
)


def test_every_method_has_a_page_and_every_page_a_place() -> None:
    assert PAGES == SHIPPED
    contents = (DOCS / "index.md").read_text(encoding="utf-8")
    assert all(f"\n{FOLDER}{name}\n" in contents for name in PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_where_from_for_what_and_at_what_cost(name: str) -> None:
    text = (DOCS / FOLDER / f"{name}.md").read_text(encoding="utf-8")
    for part in ("**Source.**", "**For.**", "**Shapes.**", "**Cost.**", "## When it lies"):
        assert part in text
    source = [text]
    complete(None, FOLDER + name, source)
    assert source[0].startswith(text.rstrip())
    assert f"`--methods {name}`" in source[0]
    assert "| f_stop |" in source[0] or f"Not yet: `{COMMAND}` measures it." in source[0]


@pytest.mark.parametrize("name", PAGES)
def test_the_parameters_are_those_of_the_class(name: str) -> None:
    signature = inspect.signature(AttributionMethod.by_name(name))  # type: ignore[arg-type]
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
            assert f"- **{parameter.name}**: " in reference(name)


def test_numbers_are_those_of_the_results() -> None:
    table = (DOCS.parent / "results" / "methods.md").read_text(encoding="utf-8")
    row = next(line for line in table.splitlines() if line.startswith("| LRP, literal |"))
    assert row.split("|")[2].strip() in measured("literal_lrp")


def test_other_pages_stay_as_they_are() -> None:
    source = ["text"]
    complete(None, "index", source)
    assert source == ["text"]


def test_the_tutorial_is_kept_without_its_outputs() -> None:
    notebook = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert code
    assert not any(cell.outputs or cell.execution_count for cell in code)
