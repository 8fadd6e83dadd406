from typing import Any, Optional

import torch
from allennlp.common import Registrable
from allennlp.common.checks import ConfigurationError
from torch import Tensor

from facade_allennlp.attribution.attribution import FieldTokens
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.forward_pass import EmbeddedField
from facade_allennlp.errors import with_article
from facade_allennlp.targets import EveryToken


class Baseline(Registrable):
    """
    The embedding that stands for the absence of a token: where the path of integrated gradients
    begins, what gradients are multiplied with the difference from, what ablation, LIME and
    KernelSHAP put in a token's place. A new baseline is one registered subclass, which says what
    its `vector` is.

    >>> IntegratedGradients(baseline=Mask(keep_special=True))

    # Parameters

    keep_special : `bool`, optional (default = `False`)
        Whether special tokens ([CLS], [SEP]) stay as they are, so that they get no score.
    """

    default_implementation = "zero"

    def __init__(self, keep_special: bool = False) -> None:
        self.keep_special = keep_special

    @property
    def name(self) -> str:
        """The name under which the baseline is registered."""
        return next(
            name for name, (cls, _) in Registrable._registry[Baseline].items() if cls is type(self)
        )

    def prepare(self, model: ExplainedModel) -> None:
        """Does what needs passes of the model, once; `vector` is asked for in the midst of one."""

    def vector(self, model: ExplainedModel, namespace: str) -> Tensor:
        """
        The embedding of an absent token.

        # Parameters

        namespace : `str`
            Of the token's id in the vocabulary.

        # Returns

        `Tensor` : shape (features,), or one that broadcasts to it.

        # Raises

        `ConfigurationError` : the model has no such embedding.
        """
        raise NotImplementedError

    def reference(self, model: ExplainedModel, field: EmbeddedField) -> Tensor:
        """
        The embeddings of a text of which all tokens are absent. Padding stays as it is.

        # Returns

        `Tensor` : shape (rows, tokens, features).
        """
        vector = self.vector(model, field.namespace).to(field.embeddings)
        absent = self.absent(model, field).unsqueeze(-1)
        return torch.where(absent, vector, field.embeddings)

    def absent(self, model: ExplainedModel, field: EmbeddedField) -> Tensor:
        """True for the tokens that may be absent. Shape: (rows, tokens)."""
        if not self.keep_special:
            return field.mask
        return FieldTokens.of(field).marked(model.reader, EveryToken().positions)


@Baseline.register("zero")
class Zero(Baseline):
    """The zero embedding, which is no token's."""

    def vector(self, model: ExplainedModel, namespace: str) -> Tensor:
        return torch.zeros(())


def embedded(model: ExplainedModel, ids: Tensor, baseline: Baseline) -> Tensor:
    """
    The embeddings of tokens, whatever text they stand in.

    # Parameters

    ids : `Tensor`
        Shape: (tokens,).
    baseline : `Baseline`
        Who asks, for the message.

    # Returns

    `Tensor` : shape (tokens, features).

    # Raises

    `ConfigurationError` : the model's embedding layer is no table, or has no such rows.
    """
    layer: Any = model.embedding_layer
    rows: Optional[int] = getattr(layer, "num_embeddings", None)
    name, last = type(model.model).__name__, int(ids.max())
    if rows is None:
        raise ConfigurationError(
            f"the baseline {baseline.name!r} needs a table of embeddings, but {name} embeds its "
            f"tokens by {with_article(type(layer).__name__)}: use the baseline 'zero'"
        )
    if last >= rows:
        raise ConfigurationError(
            f"the baseline {baseline.name!r} needs the embedding of the token {last}, but the "
            f"table of {name} has only {rows} rows: use the baseline 'zero'"
        )
    # Not by calling the layer, whose hooks may be in use.
    return layer.forward(ids.unsqueeze(0).to(model.device))[0]
