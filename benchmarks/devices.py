"""
`python -m benchmarks.devices --device cuda`: each method's scores on a device beside those on the
CPU, and what passes of several sizes take there. Networks have random weights, so that no package
with trained ones is needed.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import Batch, DatasetReader, Vocabulary
from allennlp.models import Model
from allennlp.nn.util import move_to_device

import facade_allennlp.plugin  # noqa: F401  (registers everything)
from facade_allennlp.attribution import AttributionMethod, ExplainedModel
from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.results.table import Heading, Table

SENTENCES = "package://facade_allennlp/corpora/reviews/validation.jsonl"
TOKENIZER = "package://fixtures/tiny_bert"
SHAPES = {
    "6 layers of 384": {"hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536},
    "12 layers of 768": {"hidden_size": 768, "num_hidden_layers": 12, "intermediate_size": 3072},
}
TIMED: dict[str, dict[str, Any]] = {
    "gradient": {},
    "integrated_gradients": {"steps": 50},
    "attn_lrp": {},
    "feature_ablation": {},
}
BUDGETS = (1024, 4096, 8192, 16384, 32768)
COMPARED = 6
"""Texts whose scores are compared."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.devices", description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--texts", type=int, help="that passes are timed on (default: all)")
    parser.add_argument("--output", type=Path, help="also write the tables as Markdown")
    args = parser.parse_args()
    device = torch.device(args.device)
    tables = [agreement(device), budgets(device, args.texts)]
    show(tables)
    if args.output:
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else args.device
        text = "\n\n".join(f"{table.title}\n\n{markdown(table)}" for table in tables)
        args.output.write_text(f"{text}\n\n{name}, torch {torch.__version__}\n", encoding="utf-8")


def classifier(shape: str) -> tuple[Model, list[Any]]:
    """A classifier with random weights in evaluation mode, and texts for it."""
    indexer = {"type": "pretrained_transformer", "model_name": TOKENIZER}
    reader = {
        "type": "text_classification_json",
        "tokenizer": {**indexer, "max_length": 48},
        "token_indexers": {"tokens": indexer},
    }
    sizes = {**SHAPES[shape], "num_attention_heads": 12}
    embedder = {**indexer, "load_weights": False, "transformer_kwargs": sizes}
    model = {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": {"tokens": embedder}},
        "seq2vec_encoder": {"type": "cls_pooler", "embedding_dim": sizes["hidden_size"]},
    }
    instances = list(DatasetReader.from_params(Params(reader)).read(SENTENCES))
    vocabulary = Vocabulary.from_instances(instances)
    for instance in instances:
        instance.index_fields(vocabulary)
    torch.manual_seed(0)
    return Model.from_params(Params(model), vocab=vocabulary).eval(), instances


def agreement(device: torch.device) -> Table:
    """For each method the largest difference of a score, as a share of the largest score."""
    model, instances = classifier("6 layers of 384")
    batch = dict(Batch(instances[:COMPARED]).as_tensor_dict())
    methods = {
        name: AttributionMethod.by_name(name)() for name in AttributionMethod.list_available()
    }
    on_cpu = {name: m.attribute(ExplainedModel(model), batch).raw for name, m in methods.items()}
    explained = ExplainedModel(model.to(device))
    there = move_to_device(batch, device)
    table = Table(
        "method", [Heading("largest difference / largest score")], title="Beside the CPU", digits=6
    )
    for name, method in methods.items():
        raw = method.attribute(explained, there).raw.cpu()
        difference = (raw - on_cpu[name]).abs().max() / on_cpu[name].abs().max()
        table.add(Heading(method.title or name), [float(difference)])
    return table


def budgets(device: torch.device, texts: int | None) -> Table:
    """Seconds for all texts, in batches of 32 as they come, by the most tokens of a pass."""
    columns = [Heading(name) for name in [*TIMED, "peak memory, GiB"]]
    title = "Seconds by the most tokens of a pass"
    table = Table("encoder, tokens", columns, title=title, digits=2)
    for shape in SHAPES:
        model, instances = classifier(shape)
        starts = range(0, len(instances[:texts]), 32)
        parts = (Batch(instances[:texts][start : start + 32]) for start in starts)
        batches = [move_to_device(dict(part.as_tensor_dict()), device) for part in parts]
        model.to(device)
        methods = [AttributionMethod.by_name(name)(**with_) for name, with_ in TIMED.items()]
        _seconds(methods[0], ExplainedModel(model), batches)  # warms up
        for tokens in BUDGETS:
            explained = ExplainedModel(model, max_batch_tokens=tokens)
            if device.type == "cuda":
                torch.cuda.reset_peak_memory_stats(device)
            seconds = [_seconds(method, explained, batches) for method in methods]
            peak = (
                torch.cuda.max_memory_allocated(device) / 2**30 if device.type == "cuda" else None
            )
            table.add(Heading(f"{shape}, {tokens}"), [*seconds, peak])
    return table


def _seconds(method: AttributionMethod, explained: ExplainedModel, batches: list[Any]) -> float:
    begun = time.perf_counter()
    for batch in batches:
        method.attribute(explained, batch)
    if explained.device.type == "cuda":
        torch.cuda.synchronize(explained.device)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
