"""Texts for a trial of a model, drawn from its vocabulary."""

import inspect
import random
from collections.abc import Sequence
from typing import Any, get_args, get_origin, get_type_hints

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance, Token, TokenIndexer, Vocabulary
from allennlp.data.fields import SpanField, TextField
from allennlp.data.token_indexers import PretrainedTransformerIndexer
from allennlp.models import Model

from facade_allennlp.texts.reader_spellings import indexer_namespace, reader_parts


def token_ids(reader: DatasetReader, vocabulary: Vocabulary) -> dict[str, dict[str, int]]:
    """For each token indexer of a reader that has a vocabulary, the id of each entry in it."""
    ids = {}
    for name, indexer in reader_parts(reader, TokenIndexer):
        # `pretrained_transformer_mismatched` has an indexer of pieces inside.
        own = getattr(indexer, "_matched_indexer", indexer)
        namespace = indexer_namespace(indexer)
        if isinstance(own, PretrainedTransformerIndexer):
            ids[name] = own._tokenizer.get_vocab()
        elif namespace is not None:
            ids[name] = vocabulary.get_token_to_index_vocabulary(namespace)
    return ids


def drawn_texts(model: Model, reader: DatasetReader, lengths: Sequence[int]) -> list[Instance]:
    """
    Indexed instances without a label, for a model of one text, or of one in which a span answers.

    # Parameters

    model : `Model`
    reader : `DatasetReader`
        Its token indexers are used, and their tokens drawn, always the same.
    lengths : `Sequence[int]`
        Of the texts, in tokens.

    # Raises

    `ConfigurationError` : the reader has no token indexer with a vocabulary.
    """
    known = sorted(set().union(*token_ids(reader, model.vocab).values()))
    if not known:
        raise ConfigurationError(
            f"{type(reader).__name__} has no token indexer with a vocabulary, from which texts "
            f"for {type(model).__name__} could be made"
        )
    hints = get_type_hints(model.forward)
    texts = [name for name, hint in hints.items() if _is_of_texts(hint)]
    arguments = inspect.signature(model.forward).parameters.values()
    needed = [argument.name for argument in arguments if argument.default is argument.empty]
    spans = [name for name in needed if name not in texts]
    draw = random.Random(0)
    instances = []
    for length in lengths:
        tokens = [Token(token) for token in draw.choices(known, k=length)]
        text = TextField(tokens, dict(reader_parts(reader, TokenIndexer)))
        whole = SpanField(0, length - 1, text)
        instance = Instance({**dict.fromkeys(texts, text), **dict.fromkeys(spans, whole)})
        instance.index_fields(model.vocab)
        instances.append(instance)
    return instances


def _is_of_texts(hint: Any) -> bool:
    """Whether a type is `TextFieldTensors`, with tensors of any kind: a table of tables."""
    return get_origin(hint) is dict and get_origin(get_args(hint)[-1]) is dict
