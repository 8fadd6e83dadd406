"""`allennlp words RESULTS...`"""

import argparse
import json
from pathlib import Path
from typing import Any, Optional

from allennlp.commands.subcommand import Subcommand
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from rich.console import Console

from facade_allennlp.analysis.lexicon import lexicon
from facade_allennlp.analysis.records_file import SUFFIX, read
from facade_allennlp.analysis.results import read_summary, write_whole
from facade_allennlp.analysis.tables import TITLES, markdown, number, rank, terminal
from facade_allennlp.analysis.word_means import check_class, with_lexicon, with_other, word_means
from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.commands.arguments import named_locations
from facade_allennlp.commands.new_file import add_force, check_new
from facade_allennlp.commands.user_errors import one_sentence, quiet

SUFFIXES = (".json", ".md")


@Subcommand.register("words")
class Words(Subcommand):
    """Compares what methods make of words with a lexicon, and between models."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        subparser = parser.add_parser(
            self.name,
            description="From the files of measurements alone: the mean attribution of each word "
            "by each method, how far it agrees with a sentiment lexicon, and with that of the "
            "first model, which may be of another task.",
            help="Compare the attribution of words with a lexicon and between models and tasks.",
        )
        subparser.add_argument(
            "results",
            nargs="+",
            metavar="RESULTS",
            help="folder that `allennlp measure` made, or NAME=FOLDER",
        )
        subparser.add_argument(
            "--models", nargs="+", metavar="NAME", help="of the measurements (default: all)"
        )
        subparser.add_argument(
            "--towards",
            metavar="CLASS",
            help="the class that positive words speak for, in models with two classes; methods "
            "whose scores have a side are compared with it then (default: without sides)",
        )
        subparser.add_argument(
            "--lexicon",
            type=Path,
            metavar="FILE",
            help="a word, a tab and its valence on each line (default: VADER's lexicon)",
        )
        subparser.add_argument(
            "--least", type=int, default=1, help="occurrences of a word that counts (default: 1)"
        )
        subparser.add_argument(
            "--output", type=Path, help="a .json file with the words, or a .md file"
        )
        add_force(subparser)
        subparser.set_defaults(func=run)
        return subparser


@one_sentence
def run(args: argparse.Namespace) -> None:
    quiet()
    if args.output is not None:
        if args.output.suffix not in SUFFIXES:
            raise ConfigurationError(
                f"{args.output}: name a file that ends in {' or '.join(SUFFIXES)} as --output"
            )
        check_new(args.output, args.force)
    valences = lexicon(args.lexicon)
    means: dict[str, dict[str, dict[str, float]]] = {}
    signed: dict[str, dict[str, bool]] = {}
    for measurement, location in named_locations(args.results).items():
        results = Path(location)
        for name in read_summary(results)["models"]:
            if args.models and name not in args.models:
                continue
            title = name if len(args.results) == 1 else f"{measurement}: {name}"
            settings, records = read(results / f"{name}{SUFFIX}")
            if args.towards is not None:
                check_class(records, args.towards)
            sides = {
                method: None if args.towards is None else _side(config)
                for method, config in settings["methods"].items()
            }
            signed[title] = {method: side is not None for method, side in sides.items()}
            means[title] = {
                method: word_means(records, method, side, args.towards, args.least)
                for method, side in sides.items()
            }
    if not any(means.values()):
        raise ConfigurationError(
            f"there are no explanations by {', '.join(args.models or ['any model'])} in "
            f"{', '.join(args.results)}"
        )
    reference = next(iter(means))
    agreement = {
        model: {
            method: {
                "lexicon": with_lexicon(words, valences, signed[model][method]),
                **(
                    {"reference": with_other(words, means[reference][method])}
                    if model != reference and method in means[reference]
                    else {}
                ),
                "means": {word: round(mean, 4) for word, mean in words.items()},
            }
            for method, words in of_model.items()
        }
        for model, of_model in means.items()
    }
    made = tables(agreement, reference)
    console = Console()
    for rows in made:
        console.print(terminal(rows))
    if args.output is None:
        return
    args.output.parent.mkdir(parents=True, exist_ok=True)
    if args.output.suffix == ".json":
        write_whole(args.output, json.dumps(agreement, indent=1, ensure_ascii=False) + "\n")
    else:
        write_whole(args.output, "\n\n".join(map(markdown, made)) + "\n")
    print(f"wrote {args.output}")


def tables(agreement: dict[str, Any], reference: str) -> list[list[list[str]]]:
    """A row per method: agreement with the lexicon; and with the reference, of other models."""
    names = {method for of_model in agreement.values() for method in of_model}
    methods = sorted(names, key=lambda method: (rank(method), method))
    made = [
        [
            ["lexicon: correlation / × mean token (words)", *agreement],
            *([_title(method), *_lexicon(agreement, method)] for method in methods),
        ]
    ]
    others = {model: found for model, found in agreement.items() if model != reference}
    if others:
        made.append(
            [
                [f"words as by {reference}: correlation (words)", *others],
                *([_title(method), *_reference(others, method)] for method in methods),
            ]
        )
    return made


def _lexicon(agreement: dict[str, Any], method: str) -> list[str]:
    found = [
        of_model[method]["lexicon"] if method in of_model else None
        for of_model in agreement.values()
    ]
    return [
        f"{number(cell['spearman'])} / {number(cell['mean'])} ({cell['words']})" if cell else ""
        for cell in found
    ]


def _reference(others: dict[str, Any], method: str) -> list[str]:
    found = [of_model.get(method, {}).get("reference") for of_model in others.values()]
    return [f"{number(cell['spearman'])} ({cell['words']})" if cell else "" for cell in found]


def _title(method: str) -> str:
    return TITLES.get(method, method)


def _side(config: Any) -> Optional[int]:
    params = Params({"type": config} if isinstance(config, str) else {**config})
    return AttributionMethod.from_params(params).towards
