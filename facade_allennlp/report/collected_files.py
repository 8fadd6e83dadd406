"""The files of a reproduction: numbers, tables and figures."""

import json
from collections.abc import Iterator
from pathlib import Path

from facade_allennlp.report.collected import Collected
from facade_allennlp.report.figures import flip_histograms
from facade_allennlp.report.paper_tables import to_latex, to_markdown
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.files import write_whole


def write_collected(collected: Collected, folder: Path, name: str) -> Iterator[Path]:
    """
    Writes `NAME.json`, and made from it alone `NAME.md`, `NAME.tex` and the figures in the folder
    `NAME`; gives each file when it is there.

    >>> for path in write_collected(collected, Path("results"), "sentiment"):
    ...     print(f"wrote {path}")
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "json": json.dumps(to_json(collected), indent=1) + "\n",
        "md": to_markdown(collected),
        "tex": to_latex(collected),
    }
    for suffix, text in texts.items():
        path = folder / f"{name}.{suffix}"
        write_whole(path, text)
        yield path
    yield from flip_histograms(collected, folder / name)
