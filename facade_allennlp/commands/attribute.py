"""`allennlp attribute ARCHIVE FILE --methods ... --output FILE`"""

import argparse
from pathlib import Path
from typing import Any

from facade_allennlp.commands.arguments import (
    Registered,
    add_cuda_device,
    add_model_options,
    add_workers,
    model_options,
    workers_of,
)
from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force, check_new, check_suffix
from facade_allennlp.results.configs import named_configs

SUFFIXES = (".jsonl", ".html")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", help="archive or folder")
    parser.add_argument(
        "file",
        type=Path,
        help="JSON Lines as for `allennlp predict`, or a .txt file with a text on each line",
    )
    parser.add_argument(
        "--methods",
        nargs="+",
        default=["gradient"],
        metavar="METHOD",
        type=Registered("facade_allennlp.attribution", "AttributionMethod"),
        help="any of %(type)s; or NAME=JSON with parameters",
    )
    parser.add_argument(
        "--class",
        dest="explained_class",
        default="predicted",
        metavar="CLASS",
        help="`predicted`, `gold` (the label of an input), or the name or number of a class",
    )
    parser.add_argument(
        "--output", type=Path, help="a .jsonl or .html file (default: the terminal)"
    )
    parser.add_argument(
        "--trees",
        type=Path,
        metavar="FOLDER",
        help="draw each input's attribution tree, by attention attribution: NUMBER.svg and "
        "NUMBER.json",
    )
    parser.add_argument("--top", type=int, default=5, help="tokens named in JSON Lines")
    parser.add_argument("--predictor", help="a registered name (default: the model's own)")
    parser.add_argument(
        "--field",
        default="sentence",
        help="the predictor's name for a line of a .txt file (default: sentence)",
    )
    add_model_options(parser)
    add_cuda_device(parser)
    add_workers(parser)
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.display.page import page
    from facade_allennlp.display.terminal import show
    from facade_allennlp.explanations.explanation_file import explanation_file
    from facade_allennlp.predictors.input_file import read_inputs
    from facade_allennlp.predictors.many_inputs import Explaining, explain_inputs, explained_parts
    from facade_allennlp.results.checked import to_json
    from facade_allennlp.results.files import write_whole
    from facade_allennlp.results.source import identified

    workers = workers_of(args)
    if args.output is not None:
        check_suffix(args.output, SUFFIXES)
        check_new(args.output, args.force)
    if args.trees is not None:
        check_new(args.trees / "1.svg", args.force)
    by_line = read_inputs(args.file, args.field)
    inputs = list(by_line.values())
    arguments = {
        "predictor": args.predictor,
        "methods": named_configs(args.methods, "method"),
        "explained_class": args.explained_class,
        "top": args.top,
        **model_options(args),
    }
    source = identified(args.archive)
    here = Explaining(source, args.overrides or "", arguments)
    shared = None
    if workers is not None:
        trees = args.trees is not None
        shared = Explaining(source.for_workers, here.overrides, arguments, trees), workers
    predictor = here.predictor(args.cuda_device)
    places = [f"{args.file}: line {line}" for line in by_line]
    options: dict[str, Any] = {"trees": args.trees, "places": places, "shared": shared}
    if args.output is None or args.output.suffix == ".html":
        explanations = explain_inputs(predictor, inputs, **options)
        if args.output is None:
            show(explanations)
            return
        write_whole(args.output, page(explanations, f"{args.file.name}, explained"))
    else:
        made_by = {"work": to_json(here), "file": to_json(identified(str(args.file)))}
        # Trees are drawn of what is explained now.
        anew = args.force or args.trees is not None
        with explanation_file(args.output, made_by, anew) as file:
            for part, of_part in explained_parts(predictor, inputs, known=file, **options):
                file.add(part.first, part.inputs, of_part, args.top)
    print(f"wrote {args.output}")


COMMAND = Command(
    "attribute",
    help="Explain the inputs in a file.",
    description="Explain every input of a file by one or more methods, and show it in the "
    "terminal, or write JSON Lines or a page of coloured words.",
    add_arguments=add_arguments,
    run=run,
    when_interrupted="interrupted; the same command goes on where it stopped in a .jsonl file",
)
