"""Sphinx's configuration: `make docs`."""

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from method_pages import complete

project = "facade_allennlp"
html_title = project
html_theme = "furo"
html_show_copyright = False
html_static_path = ["_static"]
html_css_files = ["tables.css"]
extensions = ["myst_nb"]
exclude_patterns = ["_build"]
myst_heading_anchors = 2
# The tutorial runs from top to bottom each time, and an error in it is one of the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True
nb_output_stderr = "remove"  # progress bars
nb_render_markdown_format = "gfm"  # with tables


def setup(app: Any) -> None:
    app.connect("source-read", complete)
    app.connect("source-read", offer_tables)


def offer_tables(app: Any, document: str, source: list[str]) -> None:
    """Tables in `results/` are no pages of the documentation: there they can be downloaded."""
    source[0] = re.sub(r"\]\((\.\./results/[^)]+\.md)\)", r"](path:\1)", source[0])
