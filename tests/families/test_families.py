"""What the page of families says is what comes out."""

from pathlib import Path

import pytest

from docs.families_page import PAGE, TITLES, table
from tests.families.claims import CLAIMS, Family, outcomes

TEXT = PAGE.read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("|")
]


@pytest.mark.parametrize("family", TITLES)
def test_what_the_page_says_of_a_family_comes_out(family: str, tmp_path: Path) -> None:
    column = ROWS[0].index(TITLES[family])
    assert [row[column] for row in ROWS[2:]] == list(outcomes(Family(family, tmp_path)))


def test_the_page_has_all_families_and_claims_and_no_other_cells() -> None:
    assert ROWS[0][1:] == list(TITLES.values())
    assert [row[0] for row in ROWS[2:]] == [heading for heading, _ in CLAIMS.values()]
    assert {cell for row in ROWS[2:] for cell in row[1:]} == {"right", "refused"}
    by_family = {
        family: [row[place] for row in ROWS[2:]] for place, family in enumerate(TITLES, start=1)
    }
    assert table(by_family) in TEXT
