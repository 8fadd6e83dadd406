"""
`python -m benchmarks.imports`: what it costs to import a model of transformers as large as
BERT-base, with random weights, beside what it costs to load AllenNLP, in one run. For Linux a
process begins with the peak memory of the one that starts it, so that this one stays small.
"""

import argparse
import itertools
import multiprocessing
import os
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.results.table import Table

ALONE = ["-c", "from facade_allennlp.quick_start import load_allennlp; load_allennlp()"]
HEAD = ["", "seconds", "CPU time, s", "memory, MB", "memory beyond AllenNLP's / weights"]
MOST_SECONDS = 30
MOST_WEIGHTS = 2.5


@dataclass(frozen=True)
class Cost:
    """
    Of a process.

    # Parameters

    seconds, cpu_seconds, megabytes : `float`
        The most memory at a time.
    """

    seconds: float
    cpu_seconds: float
    megabytes: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--output", type=Path, help="also write the table as Markdown")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        writing = multiprocessing.get_context("spawn").Process(
            target=write_model, args=[folder / "m"]
        )
        writing.start()
        writing.join()
        weights = (folder / "m" / "model.safetensors").stat().st_size / 1e6
        alone = cost(ALONE)
        command = ["import-transformers", str(folder / "m"), "--output", str(folder / "f")]
        whole = cost(["-m", "facade_allennlp", *command])
        archive = (folder / "f" / "model.tar.gz").stat().st_size / 1e6
    ratio = (whole.megabytes - alone.megabytes) / weights
    rows = [
        HEAD,
        ["AllenNLP alone", *_listed(alone), ""],
        ["import-transformers", *_listed(whole), f"{ratio:.2f}"],
        [
            "goal",
            _goal(whole.seconds, MOST_SECONDS),
            "",
            "",
            _goal(ratio, MOST_WEIGHTS),
        ],
    ]
    table = Table.from_texts(rows)
    show([table])
    if args.output is not None:
        from benchmarks.machine import machine  # takes torch with it

        how = (
            f"BERT, 12 layers, 768 wide, 30,522 words: weights of {weights:.0f} MB, archive of "
            f"{archive:.0f} MB. {machine()}"
        )
        args.output.write_text(f"{markdown(table)}\n\n{how}\n", encoding="utf-8")


def write_model(folder: Path) -> None:
    """A classifier with the shape of BERT-base, and its tokenizer, of made-up words."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    config = BertConfig(num_labels=2)
    folder.mkdir(parents=True)
    words = itertools.islice(_words(), config.vocab_size)
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    length = config.max_position_embeddings
    tokenizer = BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=length)
    tokenizer.save_pretrained(folder)
    BertForSequenceClassification(config).save_pretrained(folder)


def _words() -> Iterator[str]:
    yield from ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
    for letter in string.ascii_lowercase:
        yield from (letter, f"##{letter}")
    yield from map("".join, itertools.product(string.ascii_lowercase, repeat=4))


def cost(command: list[str]) -> Cost:
    """Of a Python process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def _listed(cost: Cost) -> list[str]:
    return [f"{cost.seconds:.1f}", f"{cost.cpu_seconds:.1f}", f"{cost.megabytes:.0f}"]


def _goal(found: float, most: float) -> str:
    return f"<= {most:g}: {'reached' if found <= most else 'missed'}"


if __name__ == "__main__":
    main()
