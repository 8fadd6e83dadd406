"""`allennlp table RESULTS`"""

import argparse
from pathlib import Path

from facade_allennlp.commands.command import Command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, help="folder that `allennlp measure` made")
    parser.add_argument(
        "--format",
        choices=["terminal", "markdown"],
        default="terminal",
        help="plain text, or for a document",
    )


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.report.renderers import markdown, show
    from facade_allennlp.report.tables import notes, tables
    from facade_allennlp.results.files import read_summary
    from facade_allennlp.visible import visible

    summary = read_summary(args.results)
    if args.format == "markdown":
        text = "\n\n".join([*map(markdown, tables(summary)), notes(summary)])
        print(visible(text, kept="\n"))
    else:
        show(tables(summary), notes(summary))


COMMAND = Command(
    "table",
    help="Print the table of a measurement.",
    description="Print the table of a measurement, from its files alone.",
    add_arguments=add_arguments,
    run=run,
    loads_models=False,
)
