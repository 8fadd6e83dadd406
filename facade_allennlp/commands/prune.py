"""`allennlp prune ARCHIVE --data FILE --importance-data FILE --output DIR`"""

import argparse
from pathlib import Path

from facade_allennlp.commands.arguments import add_cuda_device, add_model_options, model_options
from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force, check_new, write_with_table

NAME = "pruning"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", help="archive or folder")
    parser.add_argument("--data", required=True, help="labelled file that accuracy is measured on")
    parser.add_argument(
        "--importance-data",
        required=True,
        help="labelled file that importance is estimated on, of the training data",
    )
    parser.add_argument(
        "--importance-limit",
        type=int,
        default=200,
        help="at most so many of its instances, spread evenly (default: 200)",
    )
    parser.add_argument("--limit", type=int, help="the same for --data (default: all)")
    parser.add_argument(
        "--seeds", type=int, nargs="+", default=[1, 2, 3], help="of the random orders"
    )
    parser.add_argument(
        "--output",
        required=True,
        type=Path,
        help="folder for pruning.json, pruning.md, pruning.png and pruning.svg",
    )
    add_model_options(parser)
    add_cuda_device(parser)
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.archives import load
    from facade_allennlp.attribution import explained_archive
    from facade_allennlp.report.figures import pruning_figure
    from facade_allennlp.report.renderers import show
    from facade_allennlp.results.files import written_together
    from facade_allennlp.studies.heads import heads_of
    from facade_allennlp.studies.labelled import labelled_instances
    from facade_allennlp.studies.pruning import prune

    check_new(args.output / f"{NAME}.json", args.force)
    with written_together(args.output) as unfinished:
        archive = load(args.archive, args.cuda_device, args.overrides or "")
        explained = explained_archive(archive, **model_options(args))
        heads_of(explained)  # refuses a model without heads before anything is read
        estimated = labelled_instances(archive, args.importance_data, args.importance_limit)
        measured = labelled_instances(archive, args.data, args.limit)
        pruning = prune(explained, estimated, measured, args.seeds)
        written = pruning.to_json()
        pruning_figure(written["curves"], unfinished, NAME)
        write_with_table(unfinished, NAME, written, pruning.table())
    note = f"Accuracy in %, {len(measured)} inputs. Wrote {args.output / NAME}.json"
    show([pruning.table()], note)


COMMAND = Command(
    "prune",
    help="Measure a model without its least important attention heads.",
    description="Prune 0, 10, ..., 100 % of the attention heads of a BERT, the least "
    "important first by attention attribution, by Taylor expansion and at random, and "
    "measure the accuracy that is left. The archive stays as it is.",
    add_arguments=add_arguments,
    run=run,
)
