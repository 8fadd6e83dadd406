"""The README is short, and what it shows is there."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from allennlp.commands import parse_args

import facade_allennlp.plugin  # noqa: F401

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
MOST_WORDS = 900
FIRST_SCREEN = 40
"""Lines."""


def test_it_has_at_most_900_words() -> None:
    # as `wc -w` counts: whatever stands between blanks, code and tables included
    assert len(README.split()) <= MOST_WORDS


def test_the_first_screen_has_the_picture_the_two_commands_and_what_they_print() -> None:
    first = "\n".join(README.splitlines()[:FIRST_SCREEN])
    for part in ("(docs/report.png)", "make demo", "make test", "| f_ft |", "report.html"):
        assert part in first


def test_words_are_explained_before_they_are_used_in_tables_of_commands() -> None:
    headings = re.findall(r"^## (.+)$", README, re.MULTILINE)
    assert headings.index("Words") < headings.index("What you want, and how")


def test_what_it_links_to_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    missing = [link for link in links if "://" not in link and not (ROOT / link).exists()]
    assert missing == []


def test_each_make_target_is_one() -> None:
    targets = set(re.findall(r"(?:^|`)make (\w+)", README, re.MULTILINE))
    assert {"demo", "test", "docs", "install"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


def commands() -> list[str]:
    """The commands in blocks of code, here and in the other pages, a line each."""
    pages = [README, *(page.read_text(encoding="utf-8") for page in DOCS.glob("*.md"))]
    blocks = re.findall(r"^```\n(.*?)^```", "\n".join(pages), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith(("allennlp ", "facade "))]


@pytest.mark.parametrize("command", commands())
def test_each_command_is_one_that_the_parser_takes(
    command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    monkeypatch.setattr("allennlp.commands.import_plugins", lambda: None)  # ours is imported
    _, arguments = parse_args("allennlp")
    assert callable(arguments.func)
