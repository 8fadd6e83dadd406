"""`allennlp reproduce EXPERIMENT...`"""

import argparse
import shlex
from pathlib import Path
from typing import Any

from facade_allennlp.commands.arguments import add_cuda_device
from facade_allennlp.commands.command import Command
from facade_allennlp.errors import InputError


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
        "--measurements",
        nargs="+",
        default=[],
        metavar="NAME",
        help="make these measurements alone, and what they need; names may hold * (default: all)",
    )
    parser.add_argument(
        "--models",
        nargs="+",
        default=[],
        metavar="NAME",
        help="measure these models alone, beside the first one; names may hold * (default: all)",
    )
    parser.add_argument(
        "--share",
        type=float,
        help="measure this share of each measurement's inputs, such as 0.2; their results have a "
        "folder of their own (default: all)",
    )
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
    from facade_allennlp.reproduction import Population
    from facade_allennlp.reproduction.experiment import read_experiments

    for name, (folder, study) in read_experiments(args.experiments, args.configs).items():
        if isinstance(study, Population):
            _audit(args, name, folder, study)
        else:
            _measure(args, name, folder, study)


def _measure(args: argparse.Namespace, name: str, folder: Path, whole: Any) -> None:
    """What is trained, and measured."""
    from facade_allennlp.number import number
    from facade_allennlp.report.collected import collect
    from facade_allennlp.report.collected_files import write_collected
    from facade_allennlp.reproduction.part import of_seed, part
    from facade_allennlp.reproduction.run import (
        Place,
        lacking,
        measured_before,
        not_measured,
        reproduce,
        results,
        steps,
    )
    from facade_allennlp.results.files import locked

    share = None if args.share is None else number("--share", args.share, above=0, most=1)
    measured, missing = {}, []
    for nth, seed in enumerate(args.seeds):
        place = Place(folder, args.runs / name / str(seed), args.data, args.cuda_device, share)
        of_this = of_seed(whole, nth)
        there = measured_before(of_this, place)
        experiment = part(of_this, args.measurements, args.models, there)
        if args.dry_run:
            for reason in lacking(experiment, place):
                print(f"# {reason}")
            for step in steps(experiment, place, seed):
                print(shlex.join(["allennlp", *step.arguments]))
            continue
        with locked(place.runs):
            reproduce(experiment, place, seed)
        there = measured_before(of_this, place)
        measured[f"seed {seed}"] = {one: results(place, one) for one in there}
        missing += [f"{one} (seed {seed})" for one in not_measured(of_this, there)]
    if measured:
        tables = {one: of.table for one, of in whole.measure.items() if of.table}
        command = _command(args, name)
        collected = collect(whole.title, whole.paper, measured, command, tables, missing)
        for path in write_collected(collected, args.output, name):
            print(f"wrote {path}")


def _audit(args: argparse.Namespace, name: str, folder: Path, population: Any) -> None:
    """Models that are made one by one, and audited."""
    from facade_allennlp.reproduction.run import Place
    from facade_allennlp.results.files import locked

    if args.measurements or args.models or args.share is not None:
        raise InputError(
            f"{name} measures nothing: --measurements, --models and --share are for others"
        )
    rows = []
    for seed in args.seeds:
        place = Place(folder, args.runs / name / str(seed), args.data)
        if args.dry_run:
            for member in population.left(place, seed):
                print(f"# to make and to audit: {member.kind}, {member.name}")
            continue
        with locked(place.runs):
            rows += population.audited(place, seed)
    if rows:
        for path in population.written(rows, args.output, name, _command(args, name)):
            print(f"wrote {path}")


def _command(args: argparse.Namespace, name: str) -> str:
    """The one that was given, but for where things are."""
    return f"allennlp reproduce {name} {shlex.join(_options(args))}"


def _options(args: argparse.Namespace) -> list[str]:
    """Those that say what is done."""
    told = {"seeds": args.seeds, "measurements": args.measurements, "models": args.models}
    told["share"] = [] if args.share is None else [args.share]
    return [
        word for name, values in told.items() if values for word in (f"--{name}", *map(str, values))
    ]


COMMAND = Command(
    "reproduce",
    help="Reproduce the paper's tables and figures.",
    description="Run whole experiments: train, merge, measure, and write the paper's "
    "tables and figures with the paper's numbers beside. A run that was stopped goes on.",
    add_arguments=add_arguments,
    run=run,
    when_interrupted="interrupted; the same command goes on where it stopped",
)
