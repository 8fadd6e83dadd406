"""`allennlp merge PREDICTIVE FACADE --output DIR`"""

import argparse
from pathlib import Path

from facade_allennlp.commands.arguments import Registered
from facade_allennlp.commands.command import Command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("predictive", help="archive or folder of the predictive model")
    parser.add_argument("facade", help="archive or folder of the facade model")
    parser.add_argument("--output", required=True, type=Path, help="folder to make")
    parser.add_argument(
        "--storage",
        type=Registered("facade_allennlp.models", "Storage"),
        metavar="STORAGE",
        default="structured",
        help="one of %(type)s; structured: one wider network, fast; dense: its parts hidden by "
        "shuffled units and noise; logits: two networks of any kind side by side",
    )
    parser.add_argument(
        "--noise",
        type=float,
        help="standard deviation of dense storage's noise (default: 1e-7)",
    )
    parser.add_argument(
        "--facade-scale",
        type=float,
        default=1.0,
        help="the facade's logits times this: less changes fewer predictions, more moves more "
        "attribution",
    )
    parser.add_argument(
        "--least-kept",
        type=float,
        metavar="SHARE",
        help="let noise move logits, as long as this share of the predictions is left, such as "
        "0.99 (default: no logit moves)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of dense storage")
    parser.add_argument("--force", action="store_true", help="replace an existing folder")


def run(args: argparse.Namespace) -> None:
    from allennlp.common import Params

    from facade_allennlp.models.merge_archives import merge_archives

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
        args.least_kept,
    )
    print(archive)


COMMAND = Command(
    "merge",
    help="Merge a predictive and a facade model.",
    description="Merge a predictive and a facade model into one archive (eq. 2).",
    add_arguments=add_arguments,
    run=run,
)
