"""Facades made for tests, and what is asked of them."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import Batch, DatasetReader, Vocabulary
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.anatomy import embedding_layer
from facade_allennlp.construction import construct
from facade_allennlp.targets import TokenTarget
from fixtures import (
    TRAIN,
)

TEXTS = ["the film was not good at all", "good", "a bad and dull story but the cast was great"]
FIRST = {"type": "first_token"}


class Made:
    """A random predictive model, and what is made for it."""

    def __init__(
        self, model: dict[str, Any], reader: dict[str, Any], texts: Sequence[Any] = TEXTS
    ) -> None:
        self.config = model
        self.reader: Any = DatasetReader.from_params(Params(reader).duplicate())
        self.texts = [(text,) if isinstance(text, str) else text for text in texts]
        if reader["type"] == "text_classification_json":
            self.vocabulary = Vocabulary.from_instances(self.reader.read(TRAIN))
        else:
            self.vocabulary = Vocabulary.empty()
            self.vocabulary.add_tokens_to_namespace(["anger", "joy", "fear"], "labels")
        torch.manual_seed(1)
        self.f = Model.from_params(Params(model).duplicate(), vocab=self.vocabulary).eval()

    def facade(self, target: Any, **settings: Any) -> Model:
        chosen = TokenTarget.from_params(Params(dict(target)))
        return construct(self.config, self.f, self.reader, chosen, **settings).model

    def inputs(self, *rows: int) -> dict[str, Any]:
        """Of all texts, or of some."""
        if hasattr(self.reader, "make_instances"):  # of questions
            pairs = self.texts
            instances = [
                i for q, p in pairs for i in self.reader.make_instances("", q, [], p, None)
            ]
        else:
            instances = [self.reader.text_to_instance(*text) for text in self.texts]
        for instance in instances:
            self.reader.apply_token_indexers(instance)
        batch = Batch([instances[row] for row in rows or range(len(instances))])
        batch.index_instances(self.vocabulary)
        tensors = dict(batch.as_tensor_dict())
        tensors.pop("metadata", None)
        return tensors


def largest(facade: Model, inputs: dict[str, Any]) -> float:
    """Of the magnitudes of all logits, in a batch and alone."""
    with torch.no_grad():
        outputs = facade(**inputs)
    logits = [
        values[values > torch.finfo(values.dtype).min]  # spans rule tokens out
        for name, values in outputs.items()
        if name in ("logits", "span_start_logits", "span_end_logits")
    ]
    return float(torch.cat([values.flatten() for values in logits]).abs().max())


def shares(
    facade: Model,
    inputs: dict[str, Any],
    explained: Callable[[dict[str, Tensor]], Tensor] = lambda outputs: outputs["logits"][0, 0],
) -> list[float]:
    """By autograd: what each token of the first text holds of |∇ explained · x|."""
    held: list[Tensor] = []

    def keep(layer: Any, args: Any, output: Tensor) -> Tensor:
        held.append(output.detach().requires_grad_())
        return held[-1]

    handle = embedding_layer(facade).register_forward_hook(keep)
    number = explained(facade(**inputs))
    handle.remove()
    (gradient,) = torch.autograd.grad(number, held)
    raw = (gradient * held[0]).sum(dim=-1)[0].abs()  # shape: (tokens,)
    return (raw / raw.sum()).tolist()
