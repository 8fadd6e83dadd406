"""What all pages have in common."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("results/**/*.md")),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_line_is_taken_for_a_comment(page: Path) -> None:
    """MyST shows nothing of a line that begins with %."""
    assert not [line for line in page.read_text().splitlines() if line.startswith("%")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_formulas_are_plain_text(page: Path) -> None:
    """Between dollars they would be shown as they are typed: MathJax comes from another host."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(), flags=re.DOTALL)
    assert "$" not in prose
