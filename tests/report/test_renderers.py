"""A table is the same in a terminal, as Markdown, LaTeX and HTML, and no number is cut."""

import io
import random
import re
from html.parser import HTMLParser

import pytest
from rich.console import Console

from facade_allennlp.report.renderers import fitted, html, latex, markdown, show
from facade_allennlp.results.table import Heading, Table
from facade_allennlp.results.titles import METHODS

PAIRS = Table("model", [Heading("accuracy"), Heading("same as f")])
"""Ten methods on three models, as `measure` shows them."""
for name in list(METHODS)[:10]:
    PAIRS.columns.append(Heading(METHODS[name], method=name))
for model in ("f", "f_ft", "f_stop-no-pronouns"):
    PAIRS.add(Heading(model, model=model), [92.7, None, *[[100.0, 98.25]] * 10])


def printed(table: Table, width: int) -> str:
    output = io.StringIO()
    show([table], console=Console(file=output, width=width, color_system=None))
    return output.getvalue()


def cells(shown: str) -> list[list[str]]:
    """Of each line of tables that has any."""
    lines = [re.split("[┃│]", line)[1:-1] for line in shown.splitlines() if line[0] in "┃│"]
    return [[cell.strip() for cell in line] for line in lines]


def test_ten_methods_in_eighty_columns_become_rows() -> None:
    shown = printed(PAIRS, 80)
    assert max(map(len, shown.splitlines())) <= 80
    assert "…" not in shown
    lines = cells(shown)
    assert ["model", "f", "f_ft", "f_stop-no-pronouns"] in lines
    assert ["accuracy", "92.7", "92.7", "92.7"] in lines
    assert ["SmoothGrad", *["100.0 / 98.2"] * 3] in lines
    assert ["Attention attribution", *["100.0 / 98.2"] * 3] in lines


def test_a_table_that_fits_stays_as_it_is() -> None:
    small = PAIRS.part(range(3), range(4))
    assert fitted(small, 80) == [small]
    assert fitted(PAIRS, 200) == [PAIRS]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_cell_is_cut_in_any_table(width: int) -> None:
    generator = random.Random(width)
    for _ in range(30):
        columns = [
            f"{'name' * generator.randint(1, 4)} {n}" for n in range(generator.randint(1, 20))
        ]
        table = Table("what", [Heading(title) for title in columns])
        for row in range(generator.randint(1, 12)):
            numbers = [
                generator.choice([None, 100, 98.25, [100.0, 33.3], [-12.5, None, 100.0]])
                for _ in columns
            ]
            table.add(Heading(f"row {row} {'long ' * generator.randint(0, 9)}".strip()), numbers)
        shown = printed(table, width)
        assert max(map(len, shown.splitlines())) <= width
        found = sorted(cell for line in cells(shown) for cell in line[1:])
        expected = [cell for line in table.texts()[1:] for cell in line[1:]]
        for cell in expected:
            assert cell in found
        assert [c for c in sorted(expected) if c] == [c for c in found if c and c in expected]


def test_what_is_still_too_wide_is_shown_in_several_tables() -> None:
    wide = Table("method", [Heading(f"model {n}") for n in range(12)])
    for row in range(12):
        wide.add(Heading(f"method {row}"), [[100.0, 100.0]] * 12)
    parts = fitted(wide, 80)
    assert len(parts) > 1
    assert [c.title for part in parts for c in part.columns] == [c.title for c in wide.columns]
    assert all(part.rows == wide.rows for part in parts)


def test_markdown_escapes_what_would_end_a_cell() -> None:
    table = Table("a|b", [Heading("x")], [Heading("row")], [[[1.0, None]]])
    assert markdown(table) == "| a\\|b | x |\n| --- | ---: |\n| row | 1.0 /  |"


def test_latex_escapes_what_it_would_read_as_a_command() -> None:
    table = Table("50 %", [Heading("x_y")], [Heading("#1 & 2")], [[3]], "A title")
    assert latex(table).splitlines() == [
        "% A title",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"50 \% & x\_y \\",
        r"\midrule",
        r"\#1 \& 2 & 3 \\",
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_html_holds_texts_and_heads() -> None:
    table = Table("<b>", [Heading("x & y")], [Heading("<script>")], [["</td>"]])

    class Seen(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.tags: list[str] = []
            self.texts: list[str] = []

        def handle_starttag(self, tag: str, attrs: object) -> None:
            self.tags.append(tag)

        def handle_data(self, data: str) -> None:
            self.texts += [data] if data.strip() else []

    seen = Seen()
    seen.feed(html(table))
    assert seen.texts == ["<b>", "x & y", "<script>", "</td>"]
    assert seen.tags.count("th") == 3
    assert seen.tags.count("td") == 1


def test_a_table_is_narrowed_by_models_and_methods_in_their_order() -> None:
    narrowed = PAIRS.narrowed(["f_ft", "f"], ["lrp", "gradient"])
    assert narrowed.texts() == [
        ["model", "accuracy", "same as f", "LRP", "Gradient"],
        ["f_ft", "92.7", "", "100.0 / 98.2", "100.0 / 98.2"],
        ["f", "92.7", "", "100.0 / 98.2", "100.0 / 98.2"],
    ]
