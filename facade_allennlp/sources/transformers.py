"""
Transformer names in AllenNLP configs: `package://PACKAGE/FOLDER` beside folders and hub names.

All of AllenNLP's components fetch transformers through two functions of `cached_transformers`,
which have no extension point; `install` puts a layer over them. An archive then holds the portable
name instead of a path of the machine that trained it.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Any, Optional

from allennlp.common import cached_transformers

from facade_allennlp.sources.package import package_path


def install() -> None:
    """
    Makes AllenNLP resolve `package://` names of transformers and their tokenizers. Idempotent.
    """
    if not hasattr(cached_transformers.get, "__wrapped__"):
        cached_transformers.get = _resolving(_separating_shapes(cached_transformers.get))
        cached_transformers.get_tokenizer = _resolving(cached_transformers.get_tokenizer)


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
    """
    latest: dict[str, str] = {}

    @functools.wraps(get)
    def separated(model_name: str, *args: Any, **kwargs: Any) -> Any:
        variant = repr(sorted(kwargs.items()))
        if kwargs.get("load_weights") is False or latest.get(model_name, variant) != variant:
            for spec in [s for s in cached_transformers._model_cache if s.model_name == model_name]:
                del cached_transformers._model_cache[spec]
        latest[model_name] = variant
        return get(model_name, *args, **kwargs)

    return separated
