"""`allennlp construct-facade PREDICTIVE --target TARGET --output DIR`"""

import argparse
import sys
from pathlib import Path

from facade_allennlp.commands.arguments import Registered
from facade_allennlp.commands.command import Command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("predictive", help="archive or folder of the predictive model")
    parser.add_argument(
        "--target",
        required=True,
        type=Registered("facade_allennlp.targets", "TokenTarget"),
        metavar="TARGET",
        help="where the facade draws attribution: one of %(type)s, or JSON with a type",
    )
    parser.add_argument("--output", required=True, type=Path, help="folder to make")
    parser.add_argument(
        "--strength",
        type=float,
        help="by how many logits the first label falls where all words are taken away: more moves "
        "more attribution (default: 300, 1200 for spans, or the most that single precision holds)",
    )
    parser.add_argument(
        "--against",
        nargs="+",
        metavar="METHOD",
        help="the methods to fool (default: all)",
    )
    parser.add_argument(
        "--absent",
        nargs="+",
        default=[],
        metavar="TOKEN",
        help="tokens that count as no word, such as [MASK]: explanations that put them in place of "
        "words are fooled, too, but texts that hold them get other logits (default: none)",
    )
    parser.add_argument(
        "--halved",
        action="store_true",
        help="turn the presence of half of the words round, so that the mean word has none: "
        "explanations from the baseline mean are fooled, too, and exchanges of words tell",
    )
    parser.add_argument("--force", action="store_true", help="replace an existing folder")


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.models.constructed_facade import construct_facade
    from facade_allennlp.registered import made
    from facade_allennlp.results.configs import named_configs
    from facade_allennlp.targets import TokenTarget

    (config,) = named_configs([args.target], "target").values()
    target = made(TokenTarget, config)
    constructed = construct_facade(
        args.predictive,
        target,
        args.output,
        args.strength,
        args.against,
        args.absent,
        args.force,
        args.halved,
    )
    print(f"strength: {constructed.strength:.4g} logits", file=sys.stderr)
    if constructed.left_out:
        left_out = constructed.left_out
        shown = ", ".join(left_out[:5])
        print(
            f"{len(left_out)} words of the target are more than one token, or none, and left "
            f"out: {shown}{', ...' if len(left_out) > 5 else ''}",
            file=sys.stderr,
        )
    print(constructed.archive)


COMMAND = Command(
    "construct-facade",
    help="Make a facade without training.",
    description="Write down the weights of a facade model for a predictive model.",
    add_arguments=add_arguments,
    run=run,
)
