"""`allennlp report RESULTS --output FILE`"""

import argparse
from pathlib import Path

from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force, check_new


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, help="folder that `allennlp measure` made")
    parser.add_argument("--output", required=True, type=Path, help="the HTML file to make")
    parser.add_argument(
        "--models", nargs="+", metavar="NAME", help="a column each (default: all models)"
    )
    parser.add_argument(
        "--methods", nargs="+", metavar="NAME", help="a line each (default: all methods)"
    )
    parser.add_argument("--limit", type=int, help="only the first so many inputs")
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.report.page import render
    from facade_allennlp.results.files import write_whole

    check_new(args.output, args.force)
    page = render(args.results, args.models, args.methods, args.limit)
    write_whole(args.output, page)
    print(f"wrote {args.output}")


COMMAND = Command(
    "report",
    help="Make an HTML page of explained inputs from a measurement.",
    description="Make one HTML page that shows the same inputs explained by several models "
    "side by side, from the files of a measurement alone.",
    add_arguments=add_arguments,
    run=run,
    loads_models=False,
)
