"""
`python -m benchmarks.precision ARCHIVE...`: what half precision changes, whichever method computes
in it: the ranks of tokens, the strongest one, and what the model says.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from statistics import mean

import torch
from allennlp.data import Batch

import facade_allennlp.plugin  # noqa: F401  (registers everything)
from benchmarks.setting import SENTENCES
from facade_allennlp.archives import load
from facade_allennlp.attribution import AttributionMethod, ExplainedModel, explained_archive
from facade_allennlp.report.renderers import show
from facade_allennlp.results.table import Table
from facade_allennlp.results.titles import METHODS
from facade_allennlp.scores.ranking import rank_correlations
from facade_allennlp.sources import corpus

TEXTS = 24
SHOWN = (
    "gradient",
    "integrated_gradients",
    "lrp",
    "attn_lrp",
    "smooth_gradient",
    "feature_ablation",
)
HEAD = ["model", "method", "rank correlation, mean", "least", "strongest stays, %"]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.precision", description=__doc__)
    parser.add_argument("archives", nargs="+", metavar="ARCHIVE")
    parser.add_argument("--data", default=SENTENCES, help="a file for the archives' reader")
    parser.add_argument("--limit", type=int, default=TEXTS)
    args = parser.parse_args()
    rows = [HEAD]
    for archive in args.archives:
        rows += compared(archive, args.data, args.limit)
    show([Table.from_texts(rows)])


def compared(location: str, data: str, limit: int) -> Iterator[list[str]]:
    """A row for each method, and one for the model's decisions."""
    archive = load(location)
    explained = explained_archive(archive)
    reader = archive.validation_dataset_reader
    chosen = dict(corpus.spread(list(corpus.read(reader, data).items()), limit))
    corpus.index(chosen, archive.model.vocab, data)
    inputs = explained.without_labels(dict(Batch(list(chosen.values())).as_tensor_dict()))
    with torch.no_grad():
        whole = explained.run(inputs)
        with in_half(explained):
            half = explained.run(inputs)
    name = Path(location).name
    off = max(float((ours - theirs).abs().max()) for ours, theirs in zip(whole.logits, half.logits))
    same = zip(whole.predictions(), half.predictions())
    stays = torch.stack([ours == theirs for ours, theirs in same]).all(dim=0).double().mean()
    yield [name, f"decisions; logits off by {off:.2f}", "", "", f"{100 * float(stays):.1f}"]
    for registered in SHOWN:
        method = AttributionMethod.by_name(registered)()
        scores = method.attribute(explained, inputs, whole.predictions())
        with in_half(explained):
            others = method.attribute(explained, inputs, whole.predictions())
        ranks, strongest = [], []
        for ours, theirs, real in zip(scores.raw, others.raw, scores.mask):
            pair = [ours[real].abs().tolist(), theirs[real].abs().tolist()]
            ranks.append(rank_correlations(pair)[0][1])
            strongest.append(ours[real].abs().argmax() == theirs[real].abs().argmax())
        share = 100 * float(torch.stack(strongest).double().mean())
        least = f"{min(ranks):.3f}"
        yield [name, METHODS[registered], f"{mean(ranks):.3f}", least, f"{share:.1f}"]


def in_half(explained: ExplainedModel) -> torch.autocast:
    return torch.autocast(explained.device.type, torch.bfloat16)


if __name__ == "__main__":
    main()
