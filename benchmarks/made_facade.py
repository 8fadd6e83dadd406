"""
`python -m benchmarks.made_facade F --output PAGE [--data FILE]`: does a constructed facade change
what a model says, and how long does it take to make one? Asked of random token sequences, of empty
and longest texts, and of the texts of a file, together and alone.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Optional

import torch
from allennlp.common import Params
from allennlp.common.util import prepare_environment
from allennlp.models import Model

from benchmarks.machine import machine
from facade_allennlp.anatomy import usable_lengths
from facade_allennlp.archives import load
from facade_allennlp.construction.construct import construct
from facade_allennlp.construction.model_texts import ModelTexts, TextIds
from facade_allennlp.construction.text_form import TextForm
from facade_allennlp.models.constructed_facade import construct_facade
from facade_allennlp.models.merge_archives import merge_archives, model_config
from facade_allennlp.models.wrapper import unwrapped
from facade_allennlp.report.renderers import markdown
from facade_allennlp.results.table import Heading, Table
from facade_allennlp.sources import corpus
from facade_allennlp.targets import TokenTarget

PAGE = """# The made facade: exact, and in seconds

`python -m benchmarks.made_facade F --output PAGE {options}` writes this page. {about}

Both models read the same batches. Random sequences, of up to {tokens} tokens, are drawn from the
whole vocabulary, special tokens included; the longest are as long as the encoder reads. A text is
*empty* where it has special tokens alone. *Alone* is each text by itself, and *together* in batches
of {batch} of unlike lengths.

{exact}

How long does a facade take beyond loading the archive? The network itself is the seconds of CPU of
`construct`; with its files those of the wall clock, archives included.

{times}

{machine}.
"""
TARGETS = ("first_token", "stop_words")
RANDOM = 1000
LONGEST_TEXTS = 4
BATCH = 32
SHORT = 60


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.made_facade", description=__doc__)
    parser.add_argument("predictive", help="archive or folder")
    parser.add_argument("--data", help="texts for its reader (default: none)")
    parser.add_argument("--tokens", type=int, default=SHORT, help="most of a random sequence")
    parser.add_argument("--about", default="", help="what is said of F on the page")
    parser.add_argument("--output", type=Path, required=True, help="the page to write")
    args = parser.parse_args()
    prepare_environment(Params({}))
    archive = load(args.predictive)
    f, reader = unwrapped(archive.model).eval(), archive.dataset_reader
    texts = ModelTexts(f, TextForm.of_reader(reader, f.vocab))
    kinds = _drawn(texts, args.tokens)
    if args.data:
        kinds["texts of the file"] = _read(archive, args.data, texts)
    exact = Table("texts", [Heading(title) for title in (
        "target", "how many", "largest |difference| of a logit, together", "alone",
        "same predictions, %",
    )])  # fmt: skip
    times = Table("target", [Heading("the network, s"), Heading("with its files, s")], digits=1)
    for name in TARGETS:
        begun = time.process_time()
        config, target = model_config(archive), TokenTarget.from_params(Params({"type": name}))
        construct(config, f, reader, target)
        network = time.process_time() - begun
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            construct_facade(args.predictive, target, Path(folder) / "g")
            whole = time.perf_counter() - begun
            storage = Params({"type": "structured"})
            merged = load(str(merge_archives(
                args.predictive, str(Path(folder) / "g"), Path(folder) / "merged", storage
            )))  # fmt: skip
            times.add(Heading(name), [network, whole])
            for kind, ids in kinds.items():
                exact.add(Heading(kind), [name, *_compared(f, merged.model.eval(), texts, ids)])
    page = PAGE.format(
        about=args.about,
        options=f"--tokens {args.tokens}" + " --data DATA" * bool(args.data),
        tokens=args.tokens,
        batch=BATCH,
        exact=markdown(exact),
        times=markdown(times),
        machine=machine(),
    )
    args.output.write_text(page, encoding="utf-8")


def _drawn(texts: ModelTexts, tokens: int) -> dict[str, list[TextIds]]:
    """Sequences of random tokens."""
    draw = random.Random(0)
    frame, every = texts.form.single, list(texts.form.ids.values())

    def text(length: int) -> TextIds:
        parts = [draw.choices(every, k=length)]
        return frame.ids(parts), frame.types(parts)

    longest = min(length for _, length in usable_lengths(texts.model))
    longest -= sum(map(len, frame.around))
    return {
        "random sequences": [text(draw.randint(1, min(tokens, longest))) for _ in range(RANDOM)],
        "empty": [text(0)],
        "the longest": [text(longest) for _ in range(LONGEST_TEXTS)],
    }


def _read(archive: Any, data: str, texts: ModelTexts) -> list[TextIds]:
    """Those of a file."""
    reader = archive.validation_dataset_reader
    instances = corpus.read(reader, data, None)
    corpus.index(instances, archive.model.vocab, data)
    return [
        (ids, [0] * len(ids))
        for instance in instances.values()
        for ids in [instance[texts.field].as_tensor(_lengths(instance, texts))[texts.indexer][
            "token_ids"].tolist()]
    ]  # fmt: skip


def _lengths(instance: Any, texts: ModelTexts) -> Mapping[str, int]:
    lengths: Mapping[str, int] = instance[texts.field].get_padding_lengths()
    return lengths


@torch.no_grad()
def _compared(
    f: Model, merged: Model, texts: ModelTexts, ids: Sequence[TextIds]
) -> list[Optional[float]]:
    """How many, how far the logits are from f's, and in percent how many are decided alike."""
    differences: list[Optional[float]] = []
    same: list[bool] = []
    for size in (BATCH, 1):
        largest = 0.0
        for batch in _batches(ids, size):
            inputs = texts.inputs(batch)
            of_f, of_both = (model(**inputs)["logits"] for model in (f, merged))
            largest = max(largest, float((of_both - of_f).abs().max()))
            same += (of_both.argmax(dim=-1) == of_f.argmax(dim=-1)).tolist()
        differences.append(largest)
    shown = [f"{difference:.1e}" for difference in differences]
    return [len(ids), *shown, 100 * sum(same) / len(same)]  # type: ignore[list-item]


def _batches(ids: Sequence[TextIds], size: int) -> Iterator[Sequence[TextIds]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


if __name__ == "__main__":
    main()
