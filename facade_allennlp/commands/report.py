"""`allennlp report RESULTS --output FILE`"""

import argparse
from pathlib import Path

from allennlp.commands.subcommand import Subcommand

from facade_allennlp.commands.new_file import add_force, check_new
from facade_allennlp.commands.user_errors import one_sentence, quiet
from facade_allennlp.report.page import render
from facade_allennlp.results.files import write_whole


@Subcommand.register("report")
class Report(Subcommand):
    """Makes a page of explained inputs from a measurement."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        subparser = parser.add_parser(
            self.name,
            description="Make one HTML page that shows the same inputs explained by several models "
            "side by side, from the files of a measurement alone.",
            help="Make an HTML page of explained inputs from a measurement.",
        )
        subparser.add_argument("results", type=Path, help="folder that `allennlp measure` made")
        subparser.add_argument("--output", required=True, type=Path, help="the HTML file to make")
        subparser.add_argument(
            "--models", nargs="+", metavar="NAME", help="a column each (default: all models)"
        )
        subparser.add_argument(
            "--methods", nargs="+", metavar="NAME", help="a line each (default: all methods)"
        )
        subparser.add_argument("--limit", type=int, help="only the first so many inputs")
        add_force(subparser)
        subparser.set_defaults(func=run)
        return subparser


@one_sentence
def run(args: argparse.Namespace) -> None:
    quiet()
    check_new(args.output, args.force)
    page = render(args.results, args.models, args.methods, args.limit)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    write_whole(args.output, page)
    print(f"wrote {args.output}")
