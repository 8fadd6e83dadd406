"""`allennlp audit ARCHIVE --data FILE`"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from facade_allennlp.commands.arguments import (
    add_cuda_device,
    add_model_options,
    add_workers,
    model_options,
    workers_of,
)
from facade_allennlp.commands.command import Command
from facade_allennlp.commands.new_file import add_force, check_new
from facade_allennlp.results.audit import AUDIT

if TYPE_CHECKING:
    from allennlp.models.archival import Archive

    from facade_allennlp.audit.subject import Subject
    from facade_allennlp.explanations import Explanation
    from facade_allennlp.results.audit import Audit

PAGE = "audit.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", help="archive or folder")
    parser.add_argument("--data", required=True, help="texts, for the archive's dataset reader")
    parser.add_argument(
        "--limit",
        type=int,
        default=200,
        help="at most so many texts, spread evenly over the file (default: 200)",
    )
    parser.add_argument(
        "--output", type=Path, help=f"folder for {AUDIT} and {PAGE} (default: the terminal alone)"
    )
    parser.add_argument(
        "--recover",
        type=Path,
        metavar="DIR",
        help="where two networks are found, write the one that decides as an archive, to DIR",
    )
    parser.add_argument(
        "--explain",
        type=int,
        default=3,
        help="so many texts are explained with and without presence (default: 3)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn")
    add_model_options(parser)
    add_cuda_device(parser)
    add_workers(parser)
    add_force(parser)


def run(args: argparse.Namespace) -> None:
    from facade_allennlp.archives.archive import check_output, load_unpacked, unpacked
    from facade_allennlp.audit import audit
    from facade_allennlp.audit.honest import honestly_explained
    from facade_allennlp.audit.shared import Audited, shared_audit
    from facade_allennlp.number import number
    from facade_allennlp.results.source import identified
    from facade_allennlp.visible import visible

    workers = workers_of(args)
    number("limit", args.limit, least=1, whole=True)
    number("explain", args.explain, least=0, whole=True)
    if args.output is not None:
        check_new(args.output / AUDIT, args.force)
    if args.recover is not None:
        check_output(args.recover, args.force)
    overrides = args.overrides or ""
    audited = Audited(
        identified(args.archive),
        identified(args.data),
        args.limit,
        args.seed,
        overrides,
        model_options(args),
    )
    with unpacked(args.archive) as source:
        archive = load_unpacked(args.archive, source, args.cuda_device, overrides)
        subject = audited.subject(archive)
        found = (
            audit(subject, args.archive, args.data)
            if workers is None
            else shared_audit(audited, subject, workers)
        )
        explanations = honestly_explained(subject, args.data, args.explain)
        _tell(found, explanations)
        if args.output is not None:
            _write(found, explanations, args.output)
            print(f"wrote {args.output / PAGE}")
        if args.recover is not None:
            print(visible(_recovered(subject, archive, source, args.recover, args.force)))
    sys.exit(found.exit_status)


def _tell(found: "Audit", explanations: Sequence["Explanation"]) -> None:
    """On the terminal."""
    from facade_allennlp.display.terminal import show as show_words
    from facade_allennlp.report.audit_page import audit_table, spoken
    from facade_allennlp.report.renderers import show
    from facade_allennlp.visible import visible

    show([audit_table(found)])
    for witness in found.witnesses:
        print(visible(spoken(witness)))
    if explanations:
        show_words(explanations)
    print(visible(found.verdict))


def _write(found: "Audit", explanations: Sequence["Explanation"], folder: Path) -> None:
    from facade_allennlp.report.audit_page import audit_page
    from facade_allennlp.results.audit import write_audit
    from facade_allennlp.results.files import written_together

    with written_together(folder) as unfinished:
        write_audit(unfinished, found, [one.to_json(5) for one in explanations])
        (unfinished / PAGE).write_text(audit_page(found, explanations), encoding="utf-8")


def _recovered(
    subject: "Subject", archive: "Archive", source: Path, output: Path, force: bool
) -> str:
    """Writes what lies beneath, and says so, or why it does not."""
    from allennlp.common.checks import ConfigurationError

    from facade_allennlp.audit.recover import recover
    from facade_allennlp.errors import describe

    try:
        recovered = recover(subject, archive, source, output, force)
    except ConfigurationError as error:
        return f"nothing is written to {output}: {describe(error)}"
    return (
        f"wrote {recovered.archive}, which decides {recovered.agreement:.1%} of the texts as the "
        "whole does"
    )


COMMAND = Command(
    "audit",
    help="Ask whether a model's explanations are a lie.",
    description="Look for two networks in one, for gradients that no text stands for, and for "
    "promises that real words do not keep; never at names or configs. Exit status: 0 nothing "
    "found, 3 found, 1 could not tell, 2 wrong input.",
    add_arguments=add_arguments,
    run=run,
)
