"""Baselines that are the embedding of one token of the vocabulary."""

from collections.abc import Sequence
from typing import Optional

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.attribution.baselines.baseline import Baseline, embedded
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.texts.spelling import Spelling


class OneToken(Baseline):
    """The embedding of a token that stands for no word; a subclass says which."""

    usual: Sequence[str]
    """How vocabularies spell the token whose tokenizer does not say it."""

    def spelled(self, spelling: Spelling) -> Optional[str]:
        """As a vocabulary's tokenizer spells the token; `None` where that is not known."""
        raise NotImplementedError

    def vector(self, model: ExplainedModel, namespace: str) -> Tensor:
        numbers = model.model.vocab.get_token_to_index_vocabulary(namespace)
        tokens = (self.spelled(model.reader.spelling(namespace)), *self.usual)
        index = next((numbers[token] for token in tokens if token in numbers), None)
        if index is None:
            raise ConfigurationError(
                f"{type(model.model).__name__} cannot have the baseline {self.name!r}: its "
                f"vocabulary (namespace {namespace!r}) has no such token, as {self.usual[0]}; use "
                "the baseline 'zero' or 'mean'"
            )
        return embedded(model, torch.tensor([index]), self)[0]


@Baseline.register("mask")
class Mask(OneToken):
    """The embedding of the token that masked language models put in a word's place."""

    usual = ("[MASK]", "<mask>")

    def spelled(self, spelling: Spelling) -> Optional[str]:
        return spelling.mask


@Baseline.register("pad")
class Pad(OneToken):
    """The embedding of padding."""

    usual = ("[PAD]", "<pad>", "@@PADDING@@")

    def spelled(self, spelling: Spelling) -> Optional[str]:
        return spelling.padding
