"""Instances with some tokens of one text field removed, exchanged or put in."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.data import Field, Instance, Token, Vocabulary
from allennlp.data.fields import IndexField, ListField, SpanField, TextField

from facade_allennlp.errors import with_article
from facade_allennlp.texts.token_sequence import TokenSequence

NEW = -1
"""The former position of a token that was put in."""


def check_editable(
    instances: Sequence[Instance], sequences: Sequence[TokenSequence], purpose: str
) -> None:
    """
    Checks that the tokens of texts can be taken out or replaced one by one.

    # Parameters

    instances : `Sequence[Instance]`
    sequences : `Sequence[TokenSequence]`
        What a model embeds of one text field of each.
    purpose : `str`
        What for, for the message.

    # Raises

    `ConfigurationError` : what the model embeds are not the field's tokens.
    """
    for instance, sequence in zip(instances, sequences):
        tokens = len(instance.fields[sequence.field])  # type: ignore[arg-type]
        if len(sequence.tokens) == tokens:
            continue
        way_out = "a text has to be tokenized into the pieces that are embedded"
        if tokens + sum(sequence.added) == len(sequence.tokens):
            way_out = "its token indexer must have no start_tokens and end_tokens"
        raise ConfigurationError(
            f"the model embeds {len(sequence.tokens)} pieces for the {tokens} tokens of the "
            f"field {sequence.field!r}: {purpose}, {way_out}"
        )


def keep_tokens(
    instance: Instance, field: str, kept: Sequence[int], vocabulary: Vocabulary
) -> Instance:
    """
    An indexed instance with only some tokens of a text field; spans of that field and indices into
    it go with their tokens. All other fields are shared with `instance`.

    # Parameters

    kept : `Sequence[int]`
        The positions of the tokens that stay, in ascending order.

    # Raises

    `ValueError` : a span, or the token that an index points to, would lose its last token.
    `ConfigurationError` : another kind of field depends on the tokens.
    """
    tokens = instance.fields[field].tokens  # type: ignore[attr-defined]
    return _with_tokens(instance, field, [tokens[i] for i in kept], kept, vocabulary)


def exchange_token(
    instance: Instance,
    field: str,
    position: int,
    index: int,
    namespace: str,
    vocabulary: Vocabulary,
) -> Instance:
    """
    An indexed instance with another token at a position of a text field, in the same segment. All
    other fields are shared with `instance`, or are about the same positions.

    # Parameters

    index, namespace : `int`, `str`
        The new token in the vocabulary.
    """
    tokens: list[Token] = list(instance.fields[field].tokens)  # type: ignore[attr-defined]
    segment = getattr(tokens[position], "type_id", None)
    new = vocabulary.get_token_from_index(index, namespace)
    tokens[position] = Token(new, type_id=segment)
    return _with_tokens(instance, field, tokens, range(len(tokens)), vocabulary)


def insert_tokens(
    instance: Instance, field: str, inserted: Mapping[int, Sequence[str]], vocabulary: Vocabulary
) -> Instance:
    """
    An indexed instance with more tokens in a text field. All other fields are shared with
    `instance`, or are about the same tokens as before.

    # Parameters

    inserted : `Mapping[int, Sequence[str]]`
        Tokens as the vocabulary spells them, by the position of the token that they come before,
        whose segment they take; those at the end, of the last one.
    """
    before: Sequence[Token] = instance.fields[field].tokens  # type: ignore[attr-defined]
    tokens: list[Token] = []
    kept: list[int] = []
    for position, token in enumerate([*before, None]):
        segment = getattr(token or before[-1], "type_id", None)
        new = [Token(text, type_id=segment) for text in inserted.get(position, ())]
        tokens += new
        kept += [NEW] * len(new)
        if token is not None:
            tokens.append(token)
            kept.append(position)
    return _with_tokens(instance, field, tokens, kept, vocabulary)


def _with_tokens(
    instance: Instance,
    field: str,
    tokens: list[Token],
    kept: Sequence[int],
    vocabulary: Vocabulary,
) -> Instance:
    """`tokens` are those that stood at the positions `kept`, or in their place, or `NEW`."""
    before: Any = instance.fields[field]
    after = TextField(tokens, before.token_indexers)
    after.index(vocabulary)
    fields = {
        name: _moved(other, name, kept, after) if _depends(other, before) else other
        for name, other in instance.fields.items()
    }
    fields[field] = after
    edited = Instance(fields)
    edited.indexed = True
    return edited


def _depends(field: Field, text: TextField) -> bool:
    entries: Sequence[Any] = field.field_list if isinstance(field, ListField) else [field]
    sequences = [getattr(entry, "sequence_field", None) for entry in entries]
    # A duplicate of an instance has spans of a copy of its text.
    return any(
        sequence is text or (isinstance(sequence, TextField) and sequence.tokens == text.tokens)
        for sequence in sequences
    )


def _moved(field: Any, name: str, kept: Sequence[int], text: TextField) -> Field:
    if type(field) not in MOVES:
        raise ConfigurationError(
            f"the tokens of an instance cannot be edited, as its field {name!r}, which depends on "
            f"them, is {with_article(type(field).__name__)}"
        )
    return MOVES[type(field)](field, kept, text)


def _moved_span(field: SpanField, kept: Sequence[int], text: TextField) -> SpanField:
    inside = [new for new, old in enumerate(kept) if field.span_start <= old <= field.span_end]
    if not inside:
        raise ValueError(f"no token of the span {field.span_start} to {field.span_end} is kept")
    return SpanField(inside[0], inside[-1], text)


def _moved_index(field: IndexField, kept: Sequence[int], text: TextField) -> IndexField:
    if field.sequence_index not in kept:
        raise ValueError(f"the token at {field.sequence_index}, which an index names, is not kept")
    return IndexField(list(kept).index(field.sequence_index), text)


MOVES: dict[type, Callable[..., Field]] = {SpanField: _moved_span, IndexField: _moved_index}
