"""
Transformer names in AllenNLP configs: `package://PACKAGE/FOLDER` beside folders and hub names.

All of AllenNLP's components fetch transformers through two functions of `cached_transformers`,
which have no extension point; `install` puts a layer over them. An archive then holds the portable
name instead of a path of the machine that trained it. Vocabularies in which `a` and `b`, or `1` and
`2`, are no tokens are read, too.
"""

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Optional

from allennlp.common import cached_transformers
from allennlp.common.checks import ConfigurationError
from allennlp.data.tokenizers import PretrainedTransformerTokenizer

from facade_allennlp.sources.package import package_path


def install() -> None:
    """
    Makes AllenNLP resolve `package://` names of transformers and their tokenizers, and find the
    special tokens of any tokenizer. Idempotent.
    """
    if not hasattr(cached_transformers.get, "__wrapped__"):
        cached_transformers.get = _resolving(_separating_shapes(cached_transformers.get))
        cached_transformers.get_tokenizer = _resolving(cached_transformers.get_tokenizer)
        find = PretrainedTransformerTokenizer._reverse_engineer_special_tokens
        PretrainedTransformerTokenizer._reverse_engineer_special_tokens = _by_whole_words(find)


def loaded_tokenizer(vocabulary: Mapping[str, int]) -> Optional[Any]:
    """
    Of the tokenizers that this process has loaded, one with this vocabulary (ids by tokens), which
    may hold more besides; `None` where there is none. AllenNLP keeps all that its components fetch.
    """
    for tokenizer in cached_transformers._tokenizer_cache.values():
        if len(tokenizer) <= len(vocabulary):
            own = tokenizer.get_vocab()
            if all(vocabulary.get(token) == index for token, index in own.items()):
                return tokenizer
    return None


def _resolving(get: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(get)
    def resolved(model_name: str, *args: Any, **kwargs: Any) -> Any:
        return get(package_path(model_name), *args, **kwargs)

    return resolved


def _separating_shapes(get: Callable[..., Any]) -> Callable[..., Any]:
    """
    AllenNLP caches transformers by name alone, without `load_weights` and the changes to the
    configuration; a facade model of another width would be handed the predictive model's encoder.
    Random weights, which an archive's take the place of, are not kept at all.
    """
    latest: dict[str, str] = {}

    @functools.wraps(get)
    def separated(model_name: str, make_copy: bool, *args: Any, **kwargs: Any) -> Any:
        variant = repr(sorted(kwargs.items()))
        random = kwargs.get("load_weights") is False
        if random or latest.get(model_name, variant) != variant:
            _forget(model_name)
        latest[model_name] = variant
        transformer = get(model_name, make_copy and not random, *args, **kwargs)
        if random:
            _forget(model_name)
        return transformer

    return separated


def _forget(model_name: str) -> None:
    for spec in [s for s in cached_transformers._model_cache if s.model_name == model_name]:
        del cached_transformers._model_cache[spec]


def _by_whole_words(find: Callable[..., Any]) -> Callable[..., Any]:
    """
    AllenNLP sees which tokens are put around `a` and `b`, or `1` and `2`, and fails with a bare
    AssertionError where these are not one token each.
    """

    @functools.wraps(find)
    def found(self: Any, token_a: str, token_b: str, model_name: str, kwargs: Any) -> None:
        words = [*itertools.islice(_whole_words(self.tokenizer, token_a, token_b), 2)]
        if len(words) < 2:
            raise ConfigurationError(
                f"the tokenizer of {model_name} has not even two words that are a token each"
            )
        find(self, *words, model_name, kwargs)

    return found


def _whole_words(tokenizer: Any, *first: str) -> Iterator[str]:
    """Texts that are one token each, all of them different; these first, if they are."""
    special = set(tokenizer.all_special_ids)
    ids = (id for id in tokenizer.get_vocab().values() if id not in special)
    for text in itertools.chain(first, (tokenizer.decode([id]).strip() for id in ids)):
        encoded = tokenizer.encode(text, add_special_tokens=False)
        if len(encoded) == 1 and not special & set(encoded):
            special.update(encoded)
            yield text
