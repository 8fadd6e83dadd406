"""`allennlp import-transformers DIR_OR_NAME --output DIR`"""

import argparse
from pathlib import Path

from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "model",
        metavar="DIR_OR_NAME",
        help="folder that a model's save_pretrained wrote, or the name of a model on the hub",
    )
    parser.add_argument("--output", required=True, type=Path, help="folder to make")
    parser.add_argument(
        "--pairs", action="store_true", help="the model reads pairs of texts, as premise and "
        "hypothesis"
    )  # fmt: skip
    parser.add_argument(
        "--task",
        help="what a model of texts decides: single_label, several_labels or number (default: what "
        "its config.json says)",
    )
    parser.add_argument(
        "--max-length",
        type=int,
        help="most tokens of an input, longer texts are cut (default: what the model takes)",
    )
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.exchange.import_transformers import import_transformers

    archive = import_transformers(
        args.model, args.output, args.pairs, args.task, args.max_length, args.force
    )
    print(archive)


COMMAND = Command(
    "import-transformers",
    help="Make an archive of a model of transformers.",
    description="Make an archive of a model of transformers with its tokenizer. It is written only "
    "if it answers as the original does.",
    add_arguments=add_arguments,
    run=run,
    loads_archives=False,
)
