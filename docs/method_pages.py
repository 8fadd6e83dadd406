"""What a method's page says by itself: its parameters, from the docstring, and its measurements."""

import inspect
import re
from pathlib import Path
from typing import Any

from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.report.collected import read_collected
from facade_allennlp.report.quantities import table_of_method
from facade_allennlp.report.renderers import markdown

FOLDER = "methods/"
RESULTS = Path(__file__).parents[1] / "results" / "methods.json"


def complete(app: Any, document: str, source: list[str]) -> None:
    """Called by Sphinx with the text of each page (`source-read`)."""
    if document.startswith(FOLDER):
        name = document.removeprefix(FOLDER)
        source[0] = "\n\n".join([source[0].rstrip(), reference(name), measured(name)]) + "\n"


def reference(name: str) -> str:
    """The name and the parameters of a method, from its docstring."""
    method: Any = AttributionMethod.by_name(name)
    # those of the class that takes them
    takes = next(base for base in method.__mro__ if "__init__" in vars(base))
    _, _, parameters = (inspect.getdoc(takes) or "").partition("# Parameters")
    head = f"## Use\n\n`--methods {name}`; class `{method.__module__}.{method.__qualname__}`."
    if not parameters:
        return f"{head} It has no parameters."
    head += f""" With parameters: `--methods '{name}={{"type": "{name}", ...}}'`."""
    return f"{head}\n\n{as_list(parameters.strip())}"


def as_list(entries: str) -> str:
    """Parameters in AllenNLP's style (`name : type`, then indented text) as a list."""
    lines = []
    for line in entries.splitlines():
        entry = re.fullmatch(r"(\S.*?) : (.*)", line)
        if entry:
            end = "." if entry[2].startswith("`") else ""  # the type, before a text
            lines.append(f"- **{entry[1].strip('`')}**: {entry[2]}{end}")
        elif line.startswith("# "):
            lines.append(f"\n### {line[2:]}\n")
        else:
            lines.append(f"  {line.strip()}" if line.strip() else "")
    return "\n".join(lines)


def measured(name: str) -> str:
    """What was measured of a method: a row for each model."""
    collected = read_collected(RESULTS)
    tables = []
    for summaries in collected.runs.values():
        for measurement, summary in summaries.items():
            table = table_of_method(summary.models, name)
            if table.columns:
                instances = next(iter(summary.models.values())).instances
                tables.append(f"{measurement}, {instances} inputs:\n\n{markdown(table)}")
    command = f"`{collected.command}`"
    said = f"By {command}." if tables else f"Not yet: {command} measures it."
    return "\n\n".join(["## Measured", said, *tables])
