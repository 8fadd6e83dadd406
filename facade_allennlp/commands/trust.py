"""`--trust-archive`, for all commands that load archives, AllenNLP's own among them."""

import argparse
import functools
from collections.abc import Callable
from typing import Any

OF_ALLENNLP = ("checklist", "evaluate", "find-lr", "predict", "train")
"""AllenNLP's commands that load archives, or whose configs may name some."""


def add_trust(parser: argparse.ArgumentParser) -> None:
    """Adds the option to the parser of a command, whose `func` it then counts for."""
    parser.add_argument(
        "--trust-archive",
        action="store_true",
        help="load archives as they are, code, files and addresses that they name included: for "
        "those whose author may run programs here",
    )
    parser.set_defaults(func=_with_trust(parser.get_default("func")))


def _with_trust(run: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(run)
    def running(args: argparse.Namespace) -> Any:
        from facade_allennlp.archives import trusting

        with trusting(args.trust_archive):
            return run(args)

    return running
