"""`allennlp words RESULTS...`"""

import argparse
import json
from pathlib import Path

from facade_allennlp.commands.arguments import named_locations
from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force, check_new, check_suffix

SUFFIXES = (".json", ".md")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "results",
        nargs="+",
        metavar="RESULTS",
        help="folder that `allennlp measure` made, or NAME=FOLDER",
    )
    parser.add_argument(
        "--models", nargs="+", metavar="NAME", help="of the measurements (default: all)"
    )
    parser.add_argument(
        "--towards",
        metavar="CLASS",
        help="the class that positive words speak for, in models with two classes; words are "
        "compared with their valence then, too, by methods whose scores have a side",
    )
    parser.add_argument(
        "--lexicon",
        type=Path,
        metavar="FILE",
        help="a word, a tab and its valence on each line (default: VADER's lexicon)",
    )
    parser.add_argument(
        "--least", type=int, default=1, help="occurrences of a word that counts (default: 1)"
    )
    parser.add_argument("--output", type=Path, help="a .json file with the words, or a .md file")
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.report.renderers import markdown, show
    from facade_allennlp.results.files import write_whole
    from facade_allennlp.studies.lexicon import lexicon
    from facade_allennlp.studies.word_means import compared, read_explained
    from facade_allennlp.studies.word_tables import tables, words_to_json

    if args.output is not None:
        check_suffix(args.output, SUFFIXES)
        check_new(args.output, args.force)
    folders = {
        name: Path(folder) for name, folder in named_locations(args.results, "measurement").items()
    }
    models = read_explained(folders, args.models)
    words = compared(models, lexicon(args.lexicon), args.towards, args.least)
    labels = {name: of.title for model in models.values() for name, of in model.methods.items()}
    shown = tables(words, labels)
    show(shown)
    if args.output is None:
        return
    if args.output.suffix == ".json":
        text = json.dumps(words_to_json(words), indent=1, ensure_ascii=False)
        write_whole(args.output, text + "\n")
    else:
        write_whole(args.output, "\n\n".join(map(markdown, shown)) + "\n")
    print(f"wrote {args.output}")


COMMAND = Command(
    "words",
    help="Compare the attribution of words with a lexicon and between models and tasks.",
    description="From the files of measurements alone: the mean attribution of each word "
    "by each method, how far it agrees with a sentiment lexicon, and with that of the "
    "first model, which may be of another task.",
    add_arguments=add_arguments,
    run=run,
    loads_models=False,
)
