"""`allennlp measure ARCHIVE... --data FILE --target ... --methods ... --output DIR`"""

import argparse
from pathlib import Path

from facade_allennlp.commands.arguments import (
    add_cuda_device,
    add_workers,
    named_locations,
    workers_of,
)
from facade_allennlp.commands.command import Command
from facade_allennlp.results.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "archives", nargs="+", metavar="ARCHIVE", help="archive or folder, or NAME=ARCHIVE"
    )
    parser.add_argument("--data", required=True, help="file for the archives' dataset reader")
    parser.add_argument("--output", required=True, type=Path, help="folder for the results")
    parser.add_argument(
        "--reference",
        help="the archive that predictions are compared with (default: the first)",
    )
    Settings.add_arguments(parser)
    add_cuda_device(parser)
    add_workers(parser)
    parser.add_argument(
        "--format",
        choices=["jsonl", "parquet"],
        default="jsonl",
        help="of the records: JSON Lines, or Parquet, which needs pyarrow",
    )
    parser.add_argument("--force", action="store_true", help="measure anew what is there")


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.analysis.run import measure
    from facade_allennlp.report.renderers import show
    from facade_allennlp.report.tables import notes, tables

    summary = measure(
        named_locations(args.archives),
        args.data,
        Settings.from_arguments(args),
        args.output,
        args.reference,
        args.cuda_device,
        args.force,
        workers_of(args),
        f".{args.format}",
    )
    show(tables(summary), notes(summary))


COMMAND = Command(
    "measure",
    help="Measure explanations of one or more models on a data file.",
    description="Explain every instance of a data file with several methods, and measure "
    "how far the explanations point to target tokens; attack it with several attacks. A "
    "run that was stopped goes on.",
    add_arguments=add_arguments,
    run=run,
    when_interrupted="interrupted; the same command goes on where it stopped",
)
