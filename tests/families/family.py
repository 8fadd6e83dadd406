"""A tiny random model of a family, and how far what is found may be from what is right."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.attribution import ExplainedModel
from fixtures import batch, build, by_hand, read_text
from fixtures.families import family_configs, write_encoder
from fixtures.pairs import Pair, pair

TEXTS = ("the film was great", "not good")
EXACT = {torch.float32: 1e-4, torch.float64: 1e-9}
"""How far scores may be from those by hand."""


class Family:
    """
    A tiny random model of a family, in double precision.

    # Parameters

    family : `str`
        As transformers calls it.
    folder : `Path`
        Where its encoders are written.
    """

    def __init__(self, family: str, folder: Path) -> None:
        self.family = family
        self.folder = folder

    @cached_property
    def encoder(self) -> str:
        return write_encoder(self.folder / self.family, self.family)

    @cached_property
    def model(self) -> Model:
        return self._built[0]

    @cached_property
    def instances(self) -> list[Instance]:
        model, reader = self._built
        return [read_text(model, reader, text) for text in TEXTS]

    @cached_property
    def inputs(self) -> dict[str, Any]:
        return batch(self.instances)

    @cached_property
    def explained(self) -> ExplainedModel:
        model, reader = self._built
        return ExplainedModel(model, dataset_reader=reader)

    @cached_property
    def _built(self) -> tuple[Model, DatasetReader]:
        model, reader, _ = build(*family_configs(self.encoder))
        return with_biases(model).double(), reader

    @contextmanager
    def precision(self, dtype: torch.dtype) -> Iterator[float]:
        """Within it the model computes in `dtype`; gives how exact it has to be."""
        before = torch.get_default_dtype()
        if self.family == "gpt2":
            # transformers makes its mask in the default precision, with the least number of the
            # model's.
            torch.set_default_dtype(dtype)
        self.model.to(dtype)
        try:
            yield EXACT[dtype]
        finally:
            torch.set_default_dtype(before)
            self.model.double()

    @property
    def transformer(self) -> Any:
        return by_hand.bert(self.model)

    @property
    def mask(self) -> Tensor:
        return self.inputs["tokens"]["tokens"]["mask"]

    def ids(self, instance: Instance) -> list[int]:
        return batch([instance])["tokens"]["tokens"]["token_ids"][0].tolist()

    @property
    def classes(self) -> Tensor:
        """The predictions, by transformers' forward. Shape: (rows,)."""
        embedded = by_hand.embeddings(self.model, self.inputs)
        return by_hand.logits(self.model, self.inputs, embedded).argmax(dim=-1)

    @cached_property
    def merged_parts(self) -> Pair:
        predictive, reader = family_configs(self.encoder)
        return pair(predictive, family_configs(self.encoder, 8, 2)[0], reader).double()


def with_biases(model: Model) -> Model:
    torch.manual_seed(5)
    for parameter in model.parameters():
        parameter.data += 0.02 * torch.randn_like(parameter)
    return model


def same(found: Tensor, expected: Tensor, least: float = EXACT[torch.float64]) -> None:
    torch.testing.assert_close(found, expected, atol=least, rtol=least)
