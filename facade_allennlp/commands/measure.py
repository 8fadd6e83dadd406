"""`allennlp measure ARCHIVE... --data FILE --target ... --methods ... --output DIR`"""

import argparse
from functools import partial
from pathlib import Path

from allennlp.commands.subcommand import Subcommand
from rich.console import Console

from facade_allennlp.analysis.run import measure
from facade_allennlp.commands.arguments import add_cuda_device, named_locations
from facade_allennlp.commands.user_errors import one_sentence, quiet
from facade_allennlp.report.renderers import show
from facade_allennlp.report.tables import notes, tables
from facade_allennlp.results.settings import Settings


@Subcommand.register("measure")
class Measure(Subcommand):
    """Measures how far explanations of models point to target tokens."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        subparser = parser.add_parser(
            self.name,
            description="Explain every instance of a data file with several methods, and measure "
            "how far the explanations point to target tokens; attack it with several attacks. A "
            "run that was stopped goes on.",
            help="Measure explanations of one or more models on a data file.",
        )
        subparser.add_argument(
            "archives", nargs="+", metavar="ARCHIVE", help="archive or folder, or NAME=ARCHIVE"
        )
        subparser.add_argument(
            "--data", required=True, help="file for the archives' dataset reader"
        )
        subparser.add_argument("--output", required=True, type=Path, help="folder for the results")
        subparser.add_argument(
            "--reference",
            help="the archive that predictions are compared with (default: the first)",
        )
        Settings.add_arguments(subparser)
        add_cuda_device(subparser)
        subparser.add_argument("--force", action="store_true", help="measure anew what is there")
        subparser.set_defaults(func=run)
        return subparser


@partial(one_sentence, when_interrupted="interrupted; the same command goes on where it stopped")
def run(args: argparse.Namespace) -> None:
    quiet()
    summary = measure(
        named_locations(args.archives),
        args.data,
        Settings.from_arguments(args),
        args.output,
        args.reference,
        args.cuda_device,
        args.force,
    )
    show(tables(summary))
    Console().print(notes(summary))
