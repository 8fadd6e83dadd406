"""
`python -m benchmarks.tokens --data FILE`: how many tokens of padding each method has the model
compute. A text by itself has none: what all texts cost one by one is what they hold.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.common.file_utils import cached_path
from allennlp.data import Batch, DatasetReader, Instance, Vocabulary
from allennlp.models import Model

from benchmarks.setting import CONFIGS, SENTENCES
from facade_allennlp.attribution import AttributionMethod, ExplainedModel
from facade_allennlp.attribution.batches import batches_of
from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.results.table import Table
from facade_allennlp.results.titles import METHODS

AS_THEY_COME = 32
SMALL = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}
"""A model of this shape is fast; what counts is how long the texts are."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tokens", description=__doc__)
    parser.add_argument("--data", default=SENTENCES, help="a .jsonl file with texts")
    parser.add_argument("--output", type=Path, help="also write the table as Markdown")
    args = parser.parse_args()
    torch.set_num_threads(1)  # the model is small
    table = tokens_table(args.data)
    show([table])
    if args.output is not None:
        args.output.write_text(markdown(table) + "\n", encoding="utf-8")


def tokens_table(data: str) -> Table:
    """For each method tokens computed / real tokens: in planned batches, and as texts come."""
    model, reader, instances = _model_and_texts(data)
    explained = ExplainedModel(model)
    come = [
        list(range(start, min(start + AS_THEY_COME, len(instances))))
        for start in range(0, len(instances), AS_THEY_COME)
    ]
    alone = [[index] for index in range(len(instances))]
    planned = batches_of(instances, explained.max_batch_tokens)
    rows = [["method", "batches over the whole corpus", f"{AS_THEY_COME} as they come", "goal"]]
    for name, title in METHODS.items():
        arguments = {"corpus": data, "reader": reader} if name == "exchange" else {}
        method = AttributionMethod.by_name(name)(**arguments)
        _tokens(explained, method, instances, alone[:1])  # some read a corpus at first
        real, *computed = (
            _tokens(explained, method, instances, batches) for batches in (alone, planned, come)
        )
        ratios = [tokens / real for tokens in computed]
        rows.append([title, *(f"{ratio:.3f}" for ratio in ratios), "<= 1.05"])
    return Table.from_texts(rows)


def _tokens(
    explained: ExplainedModel,
    method: AttributionMethod,
    instances: Sequence[Instance],
    batches: Sequence[Sequence[int]],
) -> int:
    """Rows times padded length of all forward passes, as the embedding layer sees them."""
    computed = 0

    def count(layer: Any, args: tuple) -> None:
        nonlocal computed
        computed += args[0].numel()

    handle = explained.embedding_layer.register_forward_pre_hook(count)
    try:
        for batch in batches:
            inputs = Batch([instances[index] for index in batch]).as_tensor_dict()
            method.attribute(explained, dict(inputs))
    finally:
        handle.remove()
    return computed


def _model_and_texts(data: str) -> tuple[Model, DatasetReader, list[Instance]]:
    config = json.loads(json.dumps(Params.from_file(f"{CONFIGS}/predictive.jsonnet").as_dict()))
    reader = DatasetReader.from_params(Params(config["dataset_reader"]))
    instances: list[Instance] = list(reader.read(cached_path(data)))
    vocabulary = Vocabulary.from_instances(instances)
    for instance in instances:
        reader.apply_token_indexers(instance)
        instance.index_fields(vocabulary)
    model = config["model"]
    (embedder,) = model["text_field_embedder"]["token_embedders"].values()
    embedder.update(load_weights=False, transformer_kwargs=SMALL)
    model["seq2vec_encoder"]["embedding_dim"] = SMALL["hidden_size"]
    torch.manual_seed(0)
    return Model.from_params(Params(model), vocab=vocabulary).eval(), reader, instances


if __name__ == "__main__":
    main()
