"""
The table of `families.md`, made by running what it says: `python -m docs.families_page`.

Needs the tests' tiny models; nothing is downloaded.
"""

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.families.claims import CLAIMS, Family, outcomes

PAGE = Path(__file__).parent / "families.md"
PLACE = re.compile(r"(<!-- table -->\n).*?(<!-- end -->)", re.DOTALL)

TITLES = {
    "bert": "BERT",
    "roberta": "RoBERTa",
    "xlm-roberta": "XLM-R",
    "electra": "ELECTRA",
    "distilbert": "DistilBERT",
    "albert": "ALBERT",
    "mpnet": "MPNet",
    "deberta-v2": "DeBERTa-v2",
    "xlnet": "XLNet",
    "gpt2": "GPT-2",
}


def table(by_family: Mapping[str, Sequence[str]]) -> str:
    """What came out for each family, a row for each claim, as Markdown."""
    head = ["", *(TITLES[family] for family in by_family)]
    rows = [
        [heading, *(found[place] for found in by_family.values())]
        for place, (heading, _) in enumerate(CLAIMS.values())
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def with_table(page: str, by_family: Mapping[str, Sequence[str]]) -> str:
    """The page with the table in its place."""
    return PLACE.sub(lambda found: found[1] + table(by_family) + found[2], page)


def run() -> dict[str, Sequence[str]]:
    """What comes out for each family; whatever is wrong raises."""
    with tempfile.TemporaryDirectory() as folder:
        return {family: outcomes(Family(family, Path(folder))) for family in TITLES}


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, run()), encoding="utf-8")


if __name__ == "__main__":
    main()
