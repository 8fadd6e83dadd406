"""`allennlp triggers ARCHIVE --data FILE --mining-data FILE --output DIR`"""

import argparse
from pathlib import Path

from facade_allennlp.commands.arguments import add_cuda_device, add_model_options, model_options
from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force, check_new, write_with_table

NAME = "triggers"

ASKED = ("archive", "data", "mining_data", "candidates", "steps", "seed")
"""What the results tell of the command that made them."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", help="archive or folder")
    parser.add_argument("--data", required=True, help="labelled file that is attacked")
    parser.add_argument(
        "--mining-data",
        required=True,
        help="labelled file that triggers are mined and chosen on, of the training data",
    )
    parser.add_argument(
        "--mining-limit",
        type=int,
        default=300,
        help="at most so many of its instances, spread evenly (default: 300)",
    )
    parser.add_argument("--limit", type=int, help="the same for --data (default: all)")
    parser.add_argument(
        "--candidates",
        type=int,
        default=20,
        help="triggers of each class that are tried on the mining data (default: 20)",
    )
    parser.add_argument(
        "--top",
        type=int,
        default=3,
        help="how many of them, the most harmful, attack the data (default: 3)",
    )
    parser.add_argument(
        "--steps", type=int, default=20, help="of attention attribution (default: 20)"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="of the triggers drawn at random (default: 1)"
    )
    parser.add_argument(
        "--output", required=True, type=Path, help="folder for triggers.json and triggers.md"
    )
    add_model_options(parser)
    add_cuda_device(parser)
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.anatomy import encoders_of
    from facade_allennlp.archives import load
    from facade_allennlp.attribution import AttentionAttribution, explained_archive
    from facade_allennlp.report.renderers import show
    from facade_allennlp.results.files import written_together
    from facade_allennlp.studies.labelled import labelled_instances
    from facade_allennlp.studies.triggers import TriggerSearch, study_triggers

    check_new(args.output / f"{NAME}.json", args.force)
    method = AttentionAttribution(args.steps)
    search = TriggerSearch(args.candidates, args.top, args.seed)
    with written_together(args.output) as unfinished:
        archive = load(args.archive, args.cuda_device, args.overrides or "")
        # Refuses a model without any before anything is read.
        encoders_of(archive.model, method.name)
        study = study_triggers(
            explained_archive(archive, **model_options(args)),
            labelled_instances(archive, args.mining_data, args.mining_limit),
            labelled_instances(archive, args.data, args.limit),
            method,
            search,
        )
        asked = {name: getattr(args, name) for name in ASKED}
        table = study.attacked.table()
        write_with_table(unfinished, NAME, {**asked, **study.to_json()}, table)
    mined = ", ".join(f"{count} {name}" for name, count in study.attacked.mined.items())
    note = (
        f"Accuracy by gold class in %, {study.instances} inputs; {study.too_long} texts too long "
        f"to take a trigger left out. Triggers mined on {study.mined_on} inputs of "
        f"{args.mining_data}: {mined}. Wrote {args.output / NAME}.json"
    )
    show([table], note)


COMMAND = Command(
    "triggers",
    help="Mine adversarial triggers, and measure the accuracy that they leave.",
    description="Mine tokens whose connection speaks most for a class by attention "
    "attribution, put them into inputs of all classes, and measure the accuracy that is "
    "left, by class; beside it that of tokens drawn at random.",
    add_arguments=add_arguments,
    run=run,
)
