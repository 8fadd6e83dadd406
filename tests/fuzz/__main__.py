"""
`python -m tests.fuzz`: reads mutations of good files and arguments. Each is read, or refused in one
sentence; whatever else happens is printed, and the exit status is 1.
"""

import argparse
import math
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from time import perf_counter, process_time

from facade_allennlp.quick_start import load_allennlp

parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
parser.add_argument("--mutations", type=int, default=100_000, help="of all subjects together")
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--subjects", nargs="+", metavar="NAME", help="some of them (default: all)")


def main() -> None:
    args = parser.parse_args()
    load_allennlp()
    from tests.fuzz.run import fuzz
    from tests.fuzz.subjects import subjects

    begun = perf_counter()
    total: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        known = subjects(Path(folder))
        chosen = args.subjects or list(known)
        weights = sum(known[name].weight for name in chosen)
        for name in chosen:
            started = process_time()
            try:
                share = math.ceil(args.mutations * known[name].weight / weights)
                outcomes = fuzz(known[name], share, args.seed)
            except Exception:
                traceback.print_exc()
                outcomes = Counter(failed=1)
            total += outcomes
            told = ", ".join(f"{count} {what}" for what, count in sorted(outcomes.items()))
            print(f"{name}: {told}, {process_time() - started:.1f} s of CPU", flush=True)
    told = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
    print(
        f"seed {args.seed}: {sum(total.values())} mutations: {told}, "
        f"{perf_counter() - begun:.0f} s, {process_time():.0f} s of CPU"
    )
    sys.exit(1 if total["failed"] else 0)


if __name__ == "__main__":
    main()
