"""What all pages have in common."""

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
