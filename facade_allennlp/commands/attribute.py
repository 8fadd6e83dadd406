"""`allennlp attribute ARCHIVE FILE --methods ... --output FILE`"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from facade_allennlp.commands.arguments import (
    Registered,
    add_cuda_device,
    add_model_options,
    model_options,
)
from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force, check_new, check_suffix
from facade_allennlp.errors import InputError, placed
from facade_allennlp.results.configs import json_object, named_configs

if TYPE_CHECKING:
    import networkx

SUFFIXES = (".jsonl", ".html")
AT_ONCE = 64
"""Inputs that are explained together."""


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
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from rich.console import Console
    from tqdm import tqdm

    from facade_allennlp.archives import load
    from facade_allennlp.attribution import AttentionAttribution
    from facade_allennlp.display.page import page
    from facade_allennlp.display.terminal import LEGEND, drawn
    from facade_allennlp.explanations import Explanation
    from facade_allennlp.predictors.explaining import ExplainingPredictor
    from facade_allennlp.results.files import write_whole

    _check_output(args.output, args.force)
    if args.trees is not None:
        check_new(args.trees / "1.svg", args.force)
    inputs = read_inputs(args.file, args.field)
    archive = load(args.archive, args.cuda_device, args.overrides or "")
    predictor = ExplainingPredictor(
        archive.model,
        archive.validation_dataset_reader,
        args.predictor,
        named_configs(args.methods, "method"),
        args.explained_class,
        args.top,
        **model_options(args),
    )
    predictor.check(inputs)
    explanations: list[Explanation] = []
    with tqdm(total=len(inputs), unit="input", disable=None) as progress:
        for start in range(0, len(inputs), AT_ONCE):
            part = inputs[start : start + AT_ONCE]
            explanations += predictor.explain(part)
            if args.trees is not None:
                made = predictor.trees(part, AttentionAttribution())
                for number, tree in enumerate(made, start=start + 1):
                    title = explanations[number - 1].explained_class
                    _write_tree(tree, title, args.trees, number)
            progress.update(len(part))
    if args.output is None:
        console = Console()
        for explanation in explanations:
            console.print(drawn(explanation))
        console.print(LEGEND)
        return
    args.output.parent.mkdir(parents=True, exist_ok=True)
    if args.output.suffix == ".html":
        write_whole(args.output, page(explanations, f"{args.file.name}, explained"))
    else:
        lines = [
            json.dumps({**entry, "explanation": explanation.to_json(args.top)}, ensure_ascii=False)
            for entry, explanation in zip(inputs, explanations)
        ]
        write_whole(args.output, "".join(line + "\n" for line in lines))
    print(f"wrote {args.output}")


def _write_tree(tree: "networkx.DiGraph", title: str, folder: Path, number: int) -> None:
    from facade_allennlp.display.tree_picture import tree_json, tree_svg
    from facade_allennlp.results.files import write_whole

    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / f"{number}.svg", tree_svg(tree, title))
    nested = json.dumps(tree_json(tree), ensure_ascii=False, indent=1)
    write_whole(folder / f"{number}.json", nested + "\n")


def read_inputs(file: Path, field: str) -> list[dict[str, Any]]:
    """
    # Raises

    `InputError` : a line is no JSON object; there are no inputs.
    """
    inputs: list[dict[str, Any]] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if file.suffix == ".txt":
            if not line.strip():
                raise InputError(f"{file}: line {number} is empty")
            inputs.append({field: line})
            continue
        with placed(f"{file}: line {number}"):
            inputs.append(json_object(line))
    if not inputs:
        raise InputError(f"{file}: there are no inputs")
    return inputs


def _check_output(output: Optional[Path], force: bool) -> None:
    if output is None:
        return
    check_suffix(output, SUFFIXES)
    check_new(output, force)


COMMAND = Command(
    "attribute",
    help="Explain the inputs in a file.",
    description="Explain every input of a file by one or more methods, and show it in the "
    "terminal, or write JSON Lines or a page of coloured words.",
    add_arguments=add_arguments,
    run=run,
)
