"""
`python -m benchmarks.scale PART ...`: what workers reach, and what they outlive. Each part prints
rows of a table; `--output` adds them to a file.

- `throughput`: inputs a second by one worker and by two, of a thread each, once they have started
- `nodes`: three nodes on this machine, of which one is ended in the midst of a measurement
- `driver`: the process that sends the work is killed at random points, and started again
- `memory`: what a corpus ten times as large costs that process
"""

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

import facade_allennlp.plugin  # noqa: F401  (registers everything)
from benchmarks.machine import machine
from facade_allennlp.analysis.blocks import Block, Numbered, Plan, labels_indexed, without_indexers
from facade_allennlp.analysis.measuring import Measuring
from facade_allennlp.analysis.run import measure
from facade_allennlp.archives import load
from facade_allennlp.attribution.like_lengths import ON_CPU
from facade_allennlp.results.settings import Settings
from facade_allennlp.results.source import identified
from facade_allennlp.scale.cluster import Cluster, connected
from facade_allennlp.scale.mapped import mapped
from facade_allennlp.scale.work import Work
from facade_allennlp.scale.workers import Workers
from facade_allennlp.sources import corpus
from facade_allennlp.texts.typed_words import keep_source_texts

Span = tuple[float, float, float]
"""When a worker began and ended a block, on the machine's clock, and the CPU time that it took."""


@dataclass
class Timed(Work[Block, Span]):
    """When other work is done; its results go nowhere."""

    work: Measuring

    def load(self, cuda_device: int) -> Callable[[Block], Span]:
        do = self.work.load(cuda_device)

        def timed(block: Block) -> Span:
            begun, work = time.time(), time.process_time()
            do(block)
            return begun, time.time(), time.process_time() - work

        return timed


def settings_of(method: str, limit: Optional[int] = None) -> Settings:
    return Settings({"first_token": "first_token"}, {"m": method}, limit=limit)


def blocks_of(archive: str, data: str, settings: Settings, workers: int) -> Iterator[Block]:
    loaded = load(archive)
    reader, vocabulary = loaded.validation_dataset_reader, loaded.model.vocab
    keep_source_texts(reader)

    def prepare(instances: Numbered) -> None:
        labels_indexed(instances, vocabulary, data)
        without_indexers(instances, reader)

    stream = corpus.stream(reader, data, settings.limit)
    return iter(Plan(stream, settings.max_batch_tokens or ON_CPU.tokens, prepare, workers))


@contextmanager
def one_core_each(workers: int) -> Iterator[Cluster]:
    """A cluster of this machine that has as many cores as workers, so that each has one thread."""
    import ray

    ray.init(address="local", num_cpus=workers, include_dashboard=False, log_to_driver=False)
    try:
        with connected(Workers(workers)) as cluster:
            yield cluster
    finally:
        ray.shutdown()


def throughput(args: argparse.Namespace) -> Iterator[list[str]]:
    settings = settings_of(args.method, args.limit)
    work = Timed(Measuring(identified(args.archive).for_workers, args.data, settings))
    rates = []
    for count in (1, 2):
        begun = time.perf_counter()
        with one_core_each(count) as cluster:
            started = time.perf_counter() - begun
            blocks = list(blocks_of(args.archive, args.data, settings, 2))
            with closing(mapped(work, blocks, Workers(count))) as results:
                begun_at, ended_at, busy = zip(*[span for _, span in results])
            threads = cluster.threads
        total = sum(block.size for block in blocks)
        rates.append(total / (max(ended_at) - min(begun_at)))
        yield [
            f"{count} workers of {threads} threads, {args.method}, {total} inputs",
            f"{rates[-1]:.2f} inputs/s; CPU {sum(busy) / total * 1000:.0f} ms an input",
        ]
        yield [f"start of Ray for {count}", f"{started:.1f} s"]
    yield ["throughput of two by that of one", f"{rates[1] / rates[0]:.2f}"]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def nodes(args: argparse.Namespace) -> Iterator[list[str]]:
    from ray.cluster_utils import Cluster as Nodes

    settings = settings_of(args.method, args.limit)
    folder = Path(tempfile.mkdtemp())
    measure({"f": args.archive}, args.data, settings, folder / "alone")
    cluster = Nodes(initialize_head=True, head_node_args={"num_cpus": 1})
    others = [cluster.add_node(num_cpus=1) for _ in range(2)]
    partial = folder / "shared" / "f.records.jsonl.partial"
    ended_at = []

    def end_one() -> None:
        while not partial.exists() or (lines := _lines(partial)) < args.limit // 3:
            time.sleep(0.05)
        cluster.remove_node(others[0], allow_graceful=False)
        ended_at.append(lines)

    thread = threading.Thread(target=end_one, daemon=True)
    thread.start()
    measure(
        {"f": args.archive},
        args.data,
        settings,
        folder / "shared",
        workers=Workers(3, cluster.address),
    )
    thread.join()
    same = contents(folder / "alone") == contents(folder / "shared")
    yield [
        f"three nodes, one ended after {ended_at[0]} of {args.limit} inputs",
        "the same files" if same else "OTHER FILES",
    ]
    cluster.shutdown()


def driver(args: argparse.Namespace) -> Iterator[list[str]]:
    chance = random.Random(args.seed)
    folder = Path(tempfile.mkdtemp())
    settings = settings_of(args.method, args.limit)
    measure({"f": args.archive}, args.data, settings, folder / "alone")
    command = [
        sys.executable, "-m", "facade_allennlp", "measure", f"f={args.archive}",
        "--data", args.data, "--target", "first_token", "--methods", f"m={args.method}",
        "--limit", str(args.limit), "--output", str(folder / "shared"), "--workers", "2",
    ]  # fmt: skip
    partial = folder / "shared" / "f.records.jsonl.partial"
    points = sorted(chance.randrange(args.limit) for _ in range(args.kills))
    killed = []
    for point in points:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and (not partial.exists() or _lines(partial) <= point):
            time.sleep(0.02)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
            killed.append(_lines(partial) if partial.exists() else 0)
        process.wait()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    same = contents(folder / "alone") == contents(folder / "shared")
    yield [
        f"killed {len(killed)} times, with {', '.join(map(str, killed))} of {args.limit} records",
        "the same files" if same else "OTHER FILES",
    ]


def memory(args: argparse.Namespace) -> Iterator[list[str]]:
    """In processes of their own, as what is measured is the most that one ever had."""
    measured = {}
    for size in args.sizes:
        command = [
            sys.executable, "-m", "benchmarks.scale", "one", "--archive", args.archive,
            "--data", args.data, "--limit", str(size), "--method", args.method,
        ]  # fmt: skip
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        own = measured[size] = json.loads(run.stdout.splitlines()[-1])
        yield [
            f"{size:,} inputs",
            f"memory {own['megabytes']:.0f} MB; {own['seconds'] / size * 1000:.2f} ms an input; "
            f"CPU of the first process {own['cpu'] / size * 1000:.2f} ms an input, of which "
            f"reading {own['reading'] / size * 1000:.2f} ms",
        ]
    first, last = measured[args.sizes[0]], measured[args.sizes[-1]]
    yield [
        "memory of the last by that of the first",
        f"{last['megabytes'] / first['megabytes']:.2f}",
    ]


def one(args: argparse.Namespace) -> Iterator[list[str]]:
    """A measurement of a corpus with so many inputs: those of `--data`, again and again."""
    lines = Path(args.data).read_text(encoding="utf-8").splitlines()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "corpus.jsonl"
        with data.open("w", encoding="utf-8") as file:
            for number in range(args.limit):
                file.write(lines[number % len(lines)] + "\n")
        settings = settings_of(args.method)
        reader = load(args.archive).validation_dataset_reader
        keep_source_texts(reader)
        begun = time.process_time()
        for _ in corpus.stream(reader, str(data)):
            pass
        reading = time.process_time() - begun
        with connected(Workers(2)):
            begun, cpu = time.perf_counter(), time.process_time()
            measure(
                {"f": args.archive}, str(data), settings, Path(folder) / "out", workers=Workers(2)
            )
            seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"megabytes": megabytes, "seconds": seconds, "cpu": cpu, "reading": reading}
    yield [json.dumps(told)]


def _lines(path: Path) -> int:
    """Of a records file, without its header."""
    return path.read_bytes().count(b"\n") - 1


PARTS = {"throughput": throughput, "nodes": nodes, "driver": driver, "memory": memory, "one": one}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--archive", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--method", default="integrated_gradients")
    parser.add_argument("--limit", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--output", type=Path, help="add the rows to a Markdown file")
    args = parser.parse_args()
    for row in PARTS[args.part](args):
        line = " | ".join(row)
        print(line, flush=True)
        if args.output:
            with args.output.open("a", encoding="utf-8") as file:
                file.write(f"| {line} |\n")
    if args.output:
        print(machine())


if __name__ == "__main__":
    main()
