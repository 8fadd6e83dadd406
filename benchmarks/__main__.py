"""
`python -m benchmarks [CASE ...]`: times each case in a process of its own, ours and the other in
turn, and prints the median of the pairwise ratios. Timings are noisy; ratios within one run less
so.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.archive_cases import ARCHIVE_CASES
from benchmarks.cases import ENGINE_CASES
from benchmarks.machine import machine
from benchmarks.method_cases import METHOD_CASES
from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.results.table import Table

CASES = {**ENGINE_CASES, **METHOD_CASES, **ARCHIVE_CASES}

HEAD = [
    "case",
    "ratio (median)",
    "range",
    "of CPU time",
    "goal",
    "ours, s",
    "other, s",
    "peak memory: ours, other",
]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("cases", nargs="*", choices=[[], *CASES], metavar="CASE")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--output", type=Path, help="also write the table as Markdown")
    parser.add_argument("--one", choices=["pair", "ours", "other"], help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(_measure(args.cases[0], args.one, args.repeats)))
        return
    table = [HEAD]
    for name in args.cases or CASES:
        pair = _in_process(name, "pair", args.repeats)
        memory = [_in_process(name, which, 1)["peak_mb"] for which in ("ours", "other")]
        ratios = pair["ratios"]
        of_cpu = statistics.median(pair["ratios_of_cpu"])
        table.append(
            [
                pair["title"],
                f"{statistics.median(ratios):.2f}",
                f"{min(ratios):.2f}-{max(ratios):.2f}",
                f"{of_cpu:.2f}",
                pair["bound"],
                f"{statistics.median(pair['ours']):.2f}",
                f"{statistics.median(pair['other']):.2f}",
                f"{memory[0]:.0f} MB, {memory[1]:.0f} MB",
            ]
        )
    shown = Table.from_texts(table)
    show([shown])
    if args.output:
        args.output.write_text(f"{markdown(shown)}\n\n{machine()}\n", encoding="utf-8")


def _in_process(name: str, which: str, repeats: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks", name, "--one", which, "--repeats", str(repeats)]
    run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(run.stdout.splitlines()[-1])


def _measure(name: str, which: str, repeats: int) -> dict[str, Any]:
    case = CASES[name]()
    if which != "pair":
        {"ours": case.ours, "other": case.other}[which]()
        return {"peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
    case.ours()
    case.other()
    times = [(_seconds(case.ours), _seconds(case.other)) for _ in range(repeats)]
    return {
        "title": case.title,
        "bound": case.bound,
        "ours": [ours for (ours, _), _ in times],
        "other": [other for _, (other, _) in times],
        "ratios": [ours / other for (ours, _), (other, _) in times],
        "ratios_of_cpu": [ours / other for (_, ours), (_, other) in times],
    }


def _seconds(run: Callable[[], None]) -> tuple[float, float]:
    """On the clock, and of all threads' work, which other programs disturb less."""
    clock, work = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - clock, time.process_time() - work


if __name__ == "__main__":
    main()
