"""Baselines that are the embedding of one token of the vocabulary."""

from collections.abc import Sequence

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.attribution.baselines.baseline import Baseline, embedded
from facade_allennlp.attribution.explained_model import ExplainedModel


class OneToken(Baseline):
    """The embedding of a token that stands for no word; a subclass says which."""

    spellings: Sequence[str]
    """How vocabularies spell the token."""

    def vector(self, model: ExplainedModel, namespace: str) -> Tensor:
        spelled = model.model.vocab.get_token_to_index_vocabulary(namespace)
        index = next((spelled[token] for token in self.spellings if token in spelled), None)
        if index is None:
            raise ConfigurationError(
                f"{type(model.model).__name__} cannot have the baseline {self.name!r}: its "
                f"vocabulary (namespace {namespace!r}) has none of {', '.join(self.spellings)}; "
                "use the baseline 'zero' or 'mean'"
            )
        return embedded(model, torch.tensor([index]), self)[0]


@Baseline.register("mask")
class Mask(OneToken):
    """The embedding of the token that masked language models put in a word's place."""

    spellings = ("[MASK]", "<mask>")


@Baseline.register("pad")
class Pad(OneToken):
    """The embedding of padding."""

    spellings = ("[PAD]", "<pad>", "@@PADDING@@")
