"""`allennlp demo ARCHIVE...`"""

import argparse
import importlib.util
from pathlib import Path

from facade_allennlp.commands.arguments import (
    add_cuda_device,
    add_model_options,
    model_options,
    named_locations,
)
from facade_allennlp.commands.command import Command
from facade_allennlp.errors import InputError
from facade_allennlp.results.configs import named_configs

METHODS = ("gradient", "smooth_gradient", "integrated_gradients")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "archives", nargs="+", metavar="ARCHIVE", help="archive or folder, or NAME=PATH"
    )
    parser.add_argument(
        "--methods",
        nargs="+",
        default=list(METHODS),
        metavar="METHOD",
        help="chosen at first; as those of `measure`, also NAME=JSON with parameters "
        f"(default: {' '.join(METHODS)})",
    )
    parser.add_argument(
        "--corpus",
        metavar="FILE",
        help="explain without presence and by exchanges of real words as well, which facades do "
        "not move: with the words of this file, for the archives' dataset readers",
    )
    parser.add_argument("--predictor", help="a registered name (default: the models' own)")
    parser.add_argument(
        "--examples", type=Path, metavar="FILE", help="JSON Lines of inputs to click"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="whom to listen to (default: this machine alone)"
    )
    parser.add_argument(
        "--port", type=int, default=7860, help="0 for any that is free (default: 7860)"
    )
    add_model_options(parser)
    add_cuda_device(parser)


def run(args: argparse.Namespace) -> None:
    if importlib.util.find_spec("gradio") is None:
        raise InputError("the demo needs Gradio: pip install 'gradio>=6.20,<7'")
    from facade_allennlp.archives import load
    from facade_allennlp.audit.honest import honest_methods
    from facade_allennlp.demo.app import Demo
    from facade_allennlp.demo.comparison import Comparison
    from facade_allennlp.demo.examples import read_examples
    from facade_allennlp.demo.launch import server_of
    from facade_allennlp.web.addresses import warn_if_open
    from facade_allennlp.web.http_server import address, bound

    listening = bound(args.host, args.port)
    methods = named_configs(args.methods, "method")
    if args.corpus is not None:
        methods |= honest_methods(args.corpus)
    locations = named_locations(args.archives)
    archives = {
        name: load(location, args.cuda_device, args.overrides or "")
        for name, location in locations.items()
    }
    comparison = Comparison(archives, methods, args.predictor, **model_options(args))
    examples = None if args.examples is None else read_examples(args.examples, comparison.fields)
    server = server_of(Demo(comparison, list(methods), examples), args.host)
    warn_if_open(args.host)
    print(f"Comparing {', '.join(archives)} at {address(listening)}/ (Ctrl-C ends it)", flush=True)
    server.run(sockets=[listening])
    print("stopped")


COMMAND = Command(
    "demo",
    help="Compare archives on a text, in the browser.",
    description="Serve an interactive page on this machine: type a text, and see what each "
    "archive predicts and how each method explains it.",
    add_arguments=add_arguments,
    run=run,
)
