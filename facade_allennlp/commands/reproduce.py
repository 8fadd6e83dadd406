"""`allennlp reproduce EXPERIMENT...`"""

import argparse
import shlex
from pathlib import Path

from facade_allennlp.commands.arguments import add_cuda_device
from facade_allennlp.commands.command import Command


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "experiments",
        nargs="+",
        metavar="EXPERIMENT",
        help="a folder in the training configs that has an experiment.jsonnet, or such a file; "
        "`all` for all folders",
    )
    parser.add_argument("--configs", type=Path, default=Path("training_configs"), help="folder")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], metavar="SEED")
    parser.add_argument(
        "--data", type=Path, help="the folder of the corpora (default: as in the configs, data)"
    )
    parser.add_argument(
        "--runs", type=Path, default=Path("runs"), help="folder for models and measurements"
    )
    parser.add_argument(
        "--output", type=Path, default=Path("results"), help="folder for tables and figures"
    )
    add_cuda_device(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="print the commands that are still to be run"
    )


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.report.collected import collect
    from facade_allennlp.report.collected_files import write_collected
    from facade_allennlp.reproduction.experiment import read_experiments
    from facade_allennlp.reproduction.run import Place, reproduce, steps
    from facade_allennlp.results.files import locked

    for name, (folder, experiment) in read_experiments(args.experiments, args.configs).items():
        measured = {}
        for seed in args.seeds:
            place = Place(folder, args.runs / name / str(seed), args.data, args.cuda_device)
            if args.dry_run:
                for step in steps(experiment, place, seed):
                    print(shlex.join(["allennlp", *step.arguments]))
            else:
                with locked(place.runs):
                    measured[f"seed {seed}"] = reproduce(experiment, place, seed)
        if measured:
            seeds = " ".join(map(str, args.seeds))
            command = f"allennlp reproduce {name} --seeds {seeds}"
            collected = collect(experiment.title, experiment.paper, measured, command)
            for path in write_collected(collected, args.output, name):
                print(f"wrote {path}")


COMMAND = Command(
    "reproduce",
    help="Reproduce the paper's tables and figures.",
    description="Run whole experiments: train, merge, measure, and write the paper's "
    "tables and figures with the paper's numbers beside. A run that was stopped goes on.",
    add_arguments=add_arguments,
    run=run,
    when_interrupted="interrupted; the same command goes on where it stopped",
)
