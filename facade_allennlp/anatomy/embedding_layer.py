"""Which module of a model embeds its words."""

from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.nn.util import find_embedding_layer
from torch import nn
from transformers import PreTrainedModel
from transformers.models.bert.modeling_bert import BertEmbeddings

from facade_allennlp.anatomy.anatomy import Part, anatomy_of, class_names
from facade_allennlp.anatomy.encoder import Encoder
from facade_allennlp.errors import with_article


class EmbeddingHolder(BertEmbeddings):
    """
    Holds the embedding layer of a whole model in `word_embeddings`.

    A `BertEmbeddings` by name only: that is the first thing AllenNLP's `find_embedding_layer` looks
    for, and it then takes `word_embeddings`. Whoever looks for the embedding layer of a model that
    registers this module first finds the one in it.
    """

    word_embeddings: Any

    def __init__(self) -> None:
        nn.Module.__init__(self)


TOKENS_FIRST = ("transformers.models.xlnet.modeling_xlnet.XLNetModel",)
"""Classes whose embedding layer is given ids of shape (tokens, rows)."""


def embedding_layer(model: nn.Module) -> Any:
    """
    The module whose output is a model's word embeddings: that of an `EmbeddingHolder`, of the first
    encoder with an anatomy or of the first model of transformers, whichever comes first, or else
    what AllenNLP finds.

    >>> embedding_layer(archive.model).weight.shape
    torch.Size([30522, 768])

    # Raises

    `ConfigurationError` : a model of transformers does not say where its word embeddings are.
    `RuntimeError` : AllenNLP finds none.
    """
    for module in model.modules():
        if isinstance(module, EmbeddingHolder):
            return module.word_embeddings
        anatomy = anatomy_of(module)
        if anatomy is not None:
            return Encoder(module, anatomy).part(Part.WORDS)
        if isinstance(module, PreTrainedModel):
            return _input_embeddings(module)
    return find_embedding_layer(model)


def _input_embeddings(transformer: PreTrainedModel) -> nn.Module:
    try:
        layer = transformer.get_input_embeddings()
    except NotImplementedError:
        layer = None
    if not isinstance(layer, nn.Module):
        raise ConfigurationError(
            f"{with_article(type(transformer).__name__)} does not say which of its layers embeds "
            "words "
            "(get_input_embeddings), so there is nothing to attribute to: name that layer in an "
            "entry by anatomy.register"
        )
    return layer


def reads_tokens_first(model: nn.Module) -> bool:
    """Whether the embedding layer of a model is given ids of shape (tokens, rows)."""
    transformers = (m for m in model.modules() if isinstance(m, PreTrainedModel))
    return any(name in TOKENS_FIRST for name in class_names(next(transformers, None)))
