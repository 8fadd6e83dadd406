"""The files of a reproduction: numbers, tables and figures."""

import json
from collections.abc import Iterator
from pathlib import Path

from facade_allennlp.report.collected import Collected
from facade_allennlp.report.figures import flip_histograms
from facade_allennlp.report.paper_tables import to_latex, to_markdown
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.files import written_together


def write_collected(collected: Collected, folder: Path, name: str) -> Iterator[Path]:
    """
    Writes `NAME.json`, and made from it alone `NAME.md`, `NAME.tex` and the figures in the folder
    `NAME`; gives each file when it is there.

    >>> for path in write_collected(collected, Path("results"), "sentiment"):
    ...     print(f"wrote {path}")
    """
    texts = {
        "json": json.dumps(to_json(collected), indent=1) + "\n",
        "md": to_markdown(collected),
        "tex": to_latex(collected),
    }
    with written_together(folder) as unfinished:
        for suffix, text in texts.items():
            (unfinished / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    yield from (folder / f"{name}.{suffix}" for suffix in texts)
    with written_together(folder / name) as unfinished:
        figures = flip_histograms(collected, unfinished)
    yield from (folder / name / figure.name for figure in figures)
