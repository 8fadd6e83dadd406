"""`allennlp measure ARCHIVE... --data FILE --target ... --methods ... --output DIR`"""

import argparse
from functools import partial
from pathlib import Path

from allennlp.commands.subcommand import Subcommand
from rich.console import Console

from facade_allennlp.analysis.measure import measure
from facade_allennlp.attacks import Attack
from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.commands.arguments import (
    add_cuda_device,
    add_max_batch_tokens,
    json_object,
    named_configs,
    named_locations,
)
from facade_allennlp.commands.user_errors import one_sentence, quiet
from facade_allennlp.report.tables import notes, tables, terminal
from facade_allennlp.targets import TokenTarget


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
        subparser.add_argument(
            "--target",
            dest="targets",
            nargs="+",
            default=[],
            metavar="TARGET",
            help=f"one of {', '.join(TokenTarget.list_available())}; or NAME=JSON with "
            "parameters; methods need at least one",
        )
        subparser.add_argument(
            "--methods",
            nargs="*",
            default=["gradient", "smooth_gradient", "integrated_gradients"],
            metavar="METHOD",
            help=f"any of {', '.join(AttributionMethod.list_available())}; or NAME=JSON with "
            "parameters; or nothing, for predictions and attacks alone",
        )
        subparser.add_argument(
            "--attacks",
            nargs="+",
            default=[],
            metavar="ATTACK",
            help=f"any of {', '.join(Attack.list_available())}; or NAME=JSON with parameters",
        )
        subparser.add_argument(
            "--faithfulness",
            nargs="?",
            const="{}",
            metavar="JSON",
            help="measure comprehensiveness, sufficiency, deletion curves and the correlation with "
            'leave-one-out of each method; with parameters: {"shares": [0.1, 0.5]}',
        )
        subparser.add_argument("--output", required=True, type=Path, help="folder for the results")
        subparser.add_argument(
            "--reference",
            help="the archive that predictions are compared with (default: the first)",
        )
        add_max_batch_tokens(subparser)
        subparser.add_argument("--limit", type=int, help="at most so many instances, spread evenly")
        subparser.add_argument("--time", action="store_true", help="note how long methods take")
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
        named_configs(args.targets),
        named_configs(args.methods),
        args.output,
        reference=args.reference,
        max_batch_tokens=args.max_batch_tokens,
        limit=args.limit,
        cuda_device=args.cuda_device,
        force=args.force,
        attacks=named_configs(args.attacks),
        faithfulness=None if args.faithfulness is None else json_object(args.faithfulness),
        time=args.time,
    )
    console = Console()
    for table in tables(summary):
        console.print(terminal(table))
    console.print(notes(summary))
