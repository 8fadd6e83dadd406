"""
`python -m benchmarks.start`: the CPU time until a command is at its work, beside that of importing
what it cannot do without, in one run.
"""

import argparse
import platform
import resource
import statistics
import subprocess
import sys
from pathlib import Path

VIEWS = "import numpy, jinja2, matplotlib"
TORCH = "import torch"
HEAD = ["command", "CPU time, s", "beside", "CPU time, s", "ratio", "goal"]
CASES = {
    "facade --help": (["-m", "facade_allennlp", "--help"], VIEWS, 2.0),
    "facade table --help": (["-m", "facade_allennlp", "table", "--help"], VIEWS, 2.0),
    "all that an archive may name": (
        ["-c", "from facade_allennlp.quick_start import load_allennlp; load_allennlp()"],
        TORCH,
        2.5,
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--output", type=Path, help="write the table as Markdown")
    args = parser.parse_args()
    rows = [HEAD, ["---"] + ["---:"] * (len(HEAD) - 1)]
    for title, (command, other, goal) in CASES.items():
        ours, others = [], []
        for _ in range(args.repeats):
            ours.append(cpu_seconds(command))
            others.append(cpu_seconds(["-c", other]))
        took, beside = statistics.median(ours), statistics.median(others)
        ratio = f"{took / beside:.2f}"
        rows.append([title, f"{took:.2f}", f"`{other}`", f"{beside:.2f}", ratio, f"<= {goal}"])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    print(table)
    if args.output is not None:
        args.output.write_text(f"{table}\n\n{platform.machine()}\n", encoding="utf-8")


def cpu_seconds(command: list[str]) -> float:
    """Of a Python process of its own, user and system together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
