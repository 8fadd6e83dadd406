"""How the texts that a dataset reader makes are spelled: by its tokenizers and token indexers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Optional, TypeVar

from allennlp.data import DatasetReader, TokenIndexer, Tokenizer
from allennlp.data.token_indexers import PretrainedTransformerIndexer, SingleIdTokenIndexer
from allennlp.data.tokenizers import PretrainedTransformerTokenizer

from facade_allennlp.texts.spelling import ALLENNLPS_TOKENS, Spelling

Part = TypeVar("Part")


def reader_spellings(reader: DatasetReader) -> dict[str, Spelling]:
    """
    How words are spelled, by the vocabulary namespaces of a reader's token indexers. A namespace
    whose indexers do not tell it, or not the same, is left out.
    """
    tokenizers = [tokenizer for _, tokenizer in reader_parts(reader, Tokenizer)]
    spellings: dict[str, list[Optional[Spelling]]] = {}
    for _, indexer in reader_parts(reader, TokenIndexer):
        namespace = indexer_namespace(indexer)
        if namespace is not None:
            spellings.setdefault(namespace, []).append(_spelling(indexer, tokenizers))
    return {
        namespace: first
        for namespace, (first, *others) in spellings.items()
        if first is not None and all(other == first for other in others)
    }


def reader_parts(reader: DatasetReader, kind: type[Part]) -> Iterator[tuple[str, Part]]:
    """
    The tokenizers, or the token indexers, of a reader and of readers inside it, each with the name
    that it has there, if any.
    """
    for value in vars(reader).values():
        for name, part in (value if isinstance(value, Mapping) else {"": value}).items():
            if isinstance(part, kind):
                yield name, part
            elif isinstance(part, DatasetReader):
                yield from reader_parts(part, kind)


def indexer_namespace(indexer: TokenIndexer) -> Optional[str]:
    """The vocabulary namespace of the ids that an indexer gives; `None` where it has none."""
    own = _matched(indexer)
    return getattr(own, "namespace", None) or getattr(own, "_namespace", None)


def _matched(indexer: TokenIndexer) -> TokenIndexer:
    """`pretrained_transformer_mismatched` has an indexer of pieces inside."""
    return getattr(indexer, "_matched_indexer", indexer)


def _spelling(indexer: TokenIndexer, tokenizers: Sequence[Tokenizer]) -> Optional[Spelling]:
    own = _matched(indexer)
    if isinstance(own, PretrainedTransformerIndexer):
        return Spelling.by_tokenizer(own._tokenizer)
    if not isinstance(own, SingleIdTokenIndexer):
        return None
    pieces = [one for one in tokenizers if isinstance(one, PretrainedTransformerTokenizer)]
    if pieces and len(pieces) < len(tokenizers):
        return None
    spelling = Spelling(special=ALLENNLPS_TOKENS)
    if pieces:
        spelling = Spelling.by_tokenizer(pieces[0].tokenizer)
    marks = {
        str(mark)
        for tokenizer in tokenizers
        for name in ("_start_tokens", "_end_tokens")
        for mark in getattr(tokenizer, name, None) or ()
    }
    if own.lowercase_tokens:
        marks |= {mark.lower() for mark in marks | spelling.special}
    return replace(
        spelling,
        special=spelling.special | marks,
        before=len(own._start_tokens),
        behind=len(own._end_tokens),
    )
