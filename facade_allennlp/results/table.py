"""Tables as data: what is in a cell, and which model and method a row or column is of."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Optional, Union

Number = Union[None, int, float]
"""`None` where nothing was counted."""

Cell = Union[None, int, float, str, list[Number]]
"""A number, a text, or numbers that stand together, with slashes between them."""


@dataclass
class Heading:
    """
    A row or a column.

    # Parameters

    title : `str`
        Of a row what its first cell says, of a column what stands above it.
    model, method : `str`, optional
        The name of the only model, and of the only method, that it tells about, so that a table can
        be narrowed to some of them.
    """

    title: str
    model: Optional[str] = None
    method: Optional[str] = None


@dataclass
class Table:
    """
    A table of numbers.

    # Parameters

    corner : `str`
        What stands above the titles of the rows.
    columns, rows : `list[Heading]`
    cells : `list[list[Cell]]`
        By row and column.
    title : `str`
    digits : `int`
        Behind the point of numbers that are not whole.
    """

    corner: str
    columns: list[Heading] = field(default_factory=list)
    rows: list[Heading] = field(default_factory=list)
    cells: list[list[Cell]] = field(default_factory=list)
    title: str = ""
    digits: int = 1

    def add(self, row: Heading, cells: Sequence[Cell]) -> None:
        self.rows.append(row)
        self.cells.append(list(cells))

    @classmethod
    def from_texts(cls, texts: Sequence[Sequence[str]], title: str = "") -> "Table":
        """`texts` are the titles of the columns, then the rows."""
        (corner, *titles), *rows = texts
        table = cls(corner, [Heading(heading) for heading in titles], title=title)
        for name, *cells in rows:
            table.add(Heading(name), cells)
        return table

    def texts(self) -> list[list[str]]:
        """The titles of the columns, then the rows, as they are shown."""
        head = [self.corner, *(column.title for column in self.columns)]
        return [
            head,
            *(
                [row.title, *(text(cell, self.digits) for cell in cells)]
                for row, cells in zip(self.rows, self.cells)
            ),
        ]

    def transposed(self) -> "Table":
        """With rows as columns, and columns as rows."""
        cells = [list(column) for column in zip(*self.cells)]
        return replace(self, columns=self.rows, rows=self.columns, cells=cells)

    def part(self, rows: Sequence[int], columns: Sequence[int]) -> "Table":
        """With some of the rows and columns, by their places, in this order."""
        return replace(
            self,
            columns=[self.columns[place] for place in columns],
            rows=[self.rows[place] for place in rows],
            cells=[[self.cells[row][column] for column in columns] for row in rows],
        )

    def narrowed(self, models: Sequence[str], methods: Sequence[str]) -> "Table":
        """Without the rows and columns of other models and methods, in the order of these."""
        return self.part(_kept(self.rows, models, methods), _kept(self.columns, models, methods))

    def without_empty(self) -> "Table":
        """Without the columns, and then the rows, in which no cell says anything."""
        texts = [line[1:] for line in self.texts()[1:]]
        columns = [
            place for place in range(len(self.columns)) if any(line[place] for line in texts)
        ]
        rows = [place for place, line in enumerate(texts) if any(line[of] for of in columns)]
        return self.part(rows, columns)


def _kept(headings: Sequence[Heading], models: Sequence[str], methods: Sequence[str]) -> list[int]:
    """The places of what stays; what is of no model and method stays where it is."""
    kept = [
        place
        for place, heading in enumerate(headings)
        if (heading.model is None or heading.model in models)
        and (heading.method is None or heading.method in methods)
    ]
    keyed = [place for place in kept if headings[place].model or headings[place].method]
    in_order = iter(sorted(keyed, key=lambda place: _order(headings[place], models, methods)))
    return [next(in_order) if place in keyed else place for place in kept]


def _order(heading: Heading, models: Sequence[str], methods: Sequence[str]) -> tuple[int, int]:
    return (
        -1 if heading.model is None else models.index(heading.model),
        -1 if heading.method is None else methods.index(heading.method),
    )


def text(cell: Cell, digits: int = 1) -> str:
    """
    As it is shown: empty where there is no number.

    >>> text([99.46, None]), text(3), text("none")
    ('99.5 / ', '3', 'none')
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, list):
        return " / ".join(text(number, digits) for number in cell)
    if isinstance(cell, int):
        return str(cell)
    return "" if cell is None else f"{round(cell, digits) + 0.0:.{digits}f}"  # no -0.0
