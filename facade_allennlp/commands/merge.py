"""`allennlp merge PREDICTIVE FACADE --output DIR`"""

import argparse
from pathlib import Path

from allennlp.commands.subcommand import Subcommand
from allennlp.common import Params

from facade_allennlp.commands.user_errors import one_sentence, quiet
from facade_allennlp.models import Storage
from facade_allennlp.models.merge_archives import merge_archives


@Subcommand.register("merge")
class Merge(Subcommand):
    """Merges a predictive and a facade model into one archive."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        subparser = parser.add_parser(
            self.name,
            description="Merge a predictive and a facade model into one archive (eq. 2).",
            help="Merge a predictive and a facade model.",
        )
        subparser.add_argument("predictive", help="archive or folder of the predictive model")
        subparser.add_argument("facade", help="archive or folder of the facade model")
        subparser.add_argument("--output", required=True, type=Path, help="folder to make")
        subparser.add_argument(
            "--storage",
            choices=Storage.list_available(),
            default="structured",
            help="structured: one wider network, fast; dense: its parts hidden by shuffled units "
            "and noise; logits: two networks of any kind side by side",
        )
        subparser.add_argument(
            "--noise",
            type=float,
            help="standard deviation of dense storage's noise (default: 1e-7)",
        )
        subparser.add_argument(
            "--facade-scale",
            type=float,
            default=1.0,
            help="the facade's logits times this: less changes fewer predictions, more moves more "
            "attribution",
        )
        subparser.add_argument("--seed", type=int, default=0, help="of dense storage")
        subparser.add_argument("--force", action="store_true", help="replace an existing folder")
        subparser.set_defaults(func=merge)
        return subparser


@one_sentence
def merge(args: argparse.Namespace) -> None:
    quiet()
    storage = {"type": args.storage}
    if args.noise is not None:
        storage["noise"] = args.noise
    archive = merge_archives(
        args.predictive,
        args.facade,
        args.output,
        Params(storage),
        args.seed,
        args.force,
        args.facade_scale,
    )
    print(archive)
