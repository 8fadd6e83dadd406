"""One table, as it is shown in a terminal, as Markdown, LaTeX and HTML."""

from collections.abc import Sequence

from markupsafe import Markup
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from facade_allennlp.display.templates import template
from facade_allennlp.results.table import Table
from facade_allennlp.visible import visible

TEMPLATE = "table.html.jinja"


def markdown(table: Table) -> str:
    """A Markdown table; numbers are set flush right."""
    head, *body = [[cell.replace("|", "\\|") for cell in row] for row in table.texts()]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def latex(table: Table) -> str:
    """A `tabular` for the package booktabs, under its title as a comment."""
    head, *body = [" & ".join(map(_escaped, row)) + r" \\" for row in table.texts()]
    columns = "l" + "r" * len(table.columns)
    begin = [f"% {table.title}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head]
    return "\n".join([*begin, r"\midrule", *body, r"\bottomrule", r"\end{tabular}", ""])


def html(table: Table) -> Markup:
    """A `table` whose first column heads the rows. All text is escaped."""
    head, *body = table.texts()
    return Markup(template("facade_allennlp.report", TEMPLATE).render(head=head, body=body))


def show(tables: Sequence[Table], note: str = "", console: Console | None = None) -> None:
    """
    Prints tables as wide as the terminal is, and a note under them. No number is cut: where a table
    is too wide, its rows become columns, if that is narrower, and what is still too wide is shown
    in several tables. A text of a stranger is shown as it is, and steers nothing.

        summary = read_summary(Path("runs/results"))
        show(tables(summary), notes(summary))
    """
    console = console or Console()
    for table in tables:
        for part in fitted(table, console.width):
            console.print(_drawn(part, console.width))
    if note:
        console.print(_plain(note))


def fitted(table: Table, width: int) -> list[Table]:
    """The table, or turned round, or in several parts, so that each is at most so wide."""
    turned = table.transposed()
    if sum(_widths(table, width)) <= width:
        return [table]
    if sum(_widths(turned, width)) <= width:
        return [turned]
    # Of the two the one with the narrower columns goes into fewer parts.
    narrower = min(table, turned, key=lambda one: len(_parts(one, width)))
    return _parts(narrower, width)


def _parts(table: Table, width: int) -> list[Table]:
    first, *others = _widths(table, width)
    groups: list[list[int]] = []
    taken = width
    for place, needed in enumerate(others):
        if taken + needed > width:
            groups.append([])
            taken = first
        taken += needed
        groups[-1].append(place)
    rows = range(len(table.rows))
    return [table.part(rows, group) for group in groups] or [table]


def _widths(table: Table, width: int) -> list[int]:
    """
    What each column needs, with its borders: its longest cell, and the longest word of its title.
    The titles of rows may take several lines where they are long, and so may long words.
    """
    head, *body = table.texts()
    others = []
    for place, title in enumerate(head[1:], start=1):
        word = max(map(len, title.split()), default=0)
        cell = max((len(line[place]) for line in body), default=0)
        others.append(max(cell, min(word, width // 4), 1) + 3)  # a border, and spaces around
    titles = max(len(line[0]) for line in [*body, [head[0][: width // 2]]])
    room = min(width // 2, width - max(others, default=0) - 4)
    return [min(titles, max(room, 1)) + 4, *others]


def _drawn(table: Table, width: int) -> RichTable:
    first, *others = _widths(table, width)
    titles = table.texts()[0]
    spare = width - first - sum(others)
    drawn = RichTable(title=_plain(table.title) if table.title else None, title_justify="left")
    drawn.add_column(_plain(titles[0]), width=first - 4, overflow="fold")
    for title, needed in zip(titles[1:], others):
        # Titles stand on one line where there is room for it.
        more = min(max(len(title) - (needed - 3), 0), spare)
        spare -= more
        drawn.add_column(_plain(title), justify="right", width=needed - 3 + more, overflow="fold")
    for line in table.texts()[1:]:
        drawn.add_row(*map(_plain, line))
    return drawn


def _plain(text: str) -> Text:
    """Without the markup that rich would read in it."""
    return Text(visible(text))


def _escaped(text: str) -> str:
    for character in "&%_#":
        text = text.replace(character, "\\" + character)
    return text
