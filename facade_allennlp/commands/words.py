"""`allennlp words RESULTS...`"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError
from rich.console import Console

from facade_allennlp.commands.arguments import named_locations
from facade_allennlp.commands.new_file import add_force, check_new, check_suffix
from facade_allennlp.commands.user_errors import one_sentence, quiet
from facade_allennlp.report.tables import TITLES, markdown, number, rank, terminal
from facade_allennlp.results.files import read_summary, write_whole
from facade_allennlp.results.records_file import SUFFIX, read
from facade_allennlp.studies.lexicon import lexicon
from facade_allennlp.studies.word_means import Explained, compared

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
            help="the class that positive words speak for, in models with two classes; words are "
            "compared with their valence then, too, by methods whose scores have a side",
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
        check_suffix(args.output, SUFFIXES)
        check_new(args.output, args.force)
    models: dict[str, Explained] = {}
    known: set[str] = set()
    for measurement, location in named_locations(args.results).items():
        results = Path(location)
        for name in read_summary(results)["models"]:
            known.add(name)
            if args.models and name not in args.models:
                continue
            settings, records = read(results / f"{name}{SUFFIX}")
            title = name if len(args.results) == 1 else f"{measurement}: {name}"
            models[title] = Explained(records, settings["methods"])
    missing = [name for name in args.models or () if name not in known]
    if missing:
        raise ConfigurationError(
            f"there is no model {missing[0]!r} in {', '.join(args.results)}, but "
            f"{', '.join(sorted(known))}"
        )
    if not any(explained.methods for explained in models.values()):
        raise ConfigurationError(f"{', '.join(args.results)}: measured without a method")
    agreement = compared(models, lexicon(args.lexicon), args.towards, args.least)
    made = tables(agreement)
    console = Console()
    for rows in made:
        console.print(terminal(rows))
    if args.output is None:
        return
    args.output.parent.mkdir(parents=True, exist_ok=True)
    if args.output.suffix == ".json":
        text = json.dumps(_rounded(agreement), indent=1, ensure_ascii=False)
        write_whole(args.output, text + "\n")
    else:
        write_whole(args.output, "\n\n".join(map(markdown, made)) + "\n")
    print(f"wrote {args.output}")


def tables(agreement: dict[str, Any]) -> list[list[list[str]]]:
    """A row per method: agreement with the lexicon; and with the first model, of the others."""
    names = {method for of_model in agreement.values() for method in of_model}
    methods = sorted(names, key=lambda method: (rank(method), method))
    made = [
        _rows("lexicon: valence / strength / × mean token (words)", agreement, methods, _lexicon)
    ]
    reference, *others = agreement
    if others:
        of_others = {model: agreement[model] for model in others}
        head = f"words as by {reference}: correlation (words)"
        made.append(_rows(head, of_others, methods, _reference))
    return made


def _rows(
    head: str, agreement: dict[str, Any], methods: list[str], cell: Callable[[Any], str]
) -> list[list[str]]:
    return [
        [head, *agreement],
        *(
            [
                TITLES.get(method, method),
                *(
                    cell(of_model[method]) if method in of_model else ""
                    for of_model in agreement.values()
                ),
            ]
            for method in methods
        ),
    ]


def _lexicon(found: dict[str, Any]) -> str:
    numbers = [found["lexicon"][name] for name in ("valence", "strength", "mean")]
    return f"{' / '.join(map(number, numbers))} ({found['lexicon']['words']})"


def _reference(found: dict[str, Any]) -> str:
    if "reference" not in found:
        return ""
    return f"{number(found['reference']['spearman'])} ({found['reference']['words']})"


def _rounded(agreement: dict[str, Any]) -> dict[str, Any]:
    return {
        model: {
            method: {
                **found,
                "means": {word: round(mean, 4) for word, mean in found["means"].items()},
            }
            for method, found in of_model.items()
        }
        for model, of_model in agreement.items()
    }
