"""What docs/architecture.md says of the house is so."""

import re
from pathlib import Path

import pytest

from docs.architecture_pictures import FOLDER, PICTURES
from tests.test_house import floor

ROOT = Path(__file__).parents[2]
HOUSE = ROOT / "facade_allennlp"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
WHOLE = ("__init__.py", "__main__.py")
"""The package itself."""


def rooms() -> list[str]:
    """The rooms of the page's first table, from top to bottom; files without their ending."""
    table = PAGE.split("## The rooms")[1].split("##")[0]
    firsts = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return [
        name.strip("/").removesuffix(".py") for f in firsts for name in re.findall("`(.*?)`", f)
    ]


def test_every_room_is_on_the_page_in_the_order_of_its_floor() -> None:
    folders = {path.parent.name for path in HOUSE.glob("*/__init__.py")}
    files = {path.stem for path in HOUSE.glob("*.py") if path.name not in WHOLE}
    assert sorted(rooms()) == sorted(folders | files)
    floors = [floor(room) for room in rooms()]
    assert floors == sorted(floors)


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_as_the_script_draws_them(name: str) -> None:
    kept = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert kept == PICTURES[name].svg(), "python -m docs.architecture_pictures draws them anew"
    assert f"(architecture/{name}.svg)" in PAGE


def test_what_pages_and_pictures_name_is_there() -> None:
    named = {
        room for p in PICTURES.values() for box in p.boxes.values() for room in box.room.split(", ")
    }
    named |= set(re.findall(r"`([\w/]+(?:/|\.\w+))`", PAGE))
    missing = [
        name
        for name in named
        if name and "/" in name and not any((base / name).exists() for base in (HOUSE, ROOT))
    ]
    assert missing == []
