"""
What AllenNLP's functions do while an archive of a stranger loads: no class by its path, no file or
address of the archive's choice, no download but of tokenizers and configurations from the hub.
"""

import functools
import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from allennlp.common import cached_transformers, registrable, util

from facade_allennlp.archives import strangers_transformers
from facade_allennlp.archives.loading import gated
from facade_allennlp.archives.safe_names import is_safe
from facade_allennlp.errors import with_article
from facade_allennlp.lines import shortened

SPACY_MODEL = re.compile(r"[a-z]{2,3}_(core|dep|ent)_(web|news|wiki)_(sm|md|lg|trf)")
"""The names of spaCy's own models, which are Python packages."""


def install() -> None:
    """Puts a layer over AllenNLP's functions. Idempotent."""
    if hasattr(registrable.Registrable.resolve_class_name, "__wrapped__"):
        return
    resolve = registrable.Registrable.resolve_class_name.__func__  # type: ignore[attr-defined]
    registrable.Registrable.resolve_class_name = classmethod(_of_safe_names(resolve))  # type: ignore[assignment]
    take_place(util.get_spacy_model, _of_installed_models(util.get_spacy_model))
    cached_transformers.get = strangers_transformers.of_strangers(cached_transformers.get)
    cached_transformers.get_tokenizer = strangers_transformers.tokenizers_of_strangers(
        cached_transformers.get_tokenizer
    )


def take_place(original: Callable[..., Any], replacement: Any) -> None:
    """Of a function, in all modules that have imported it by name."""
    name = original.__name__
    if original is not replacement:
        replacement.__wrapped__ = original
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get(name) is original:
            setattr(module, name, replacement)


def _of_safe_names(resolve: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(resolve)
    def resolving(base: type, name: str) -> Any:
        loading = gated()
        if loading is not None and not (isinstance(name, str) and is_safe(base, name)):
            raise loading.refuse(
                f"its config names {shortened(name)} as {with_article(base.__name__)}, which is "
                "not among the "
                "components that are safe to build"
            )
        return resolve(base, name)

    return resolving


def _of_installed_models(get: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(get)
    def getting(spacy_model_name: str, *args: Any, **kwargs: Any) -> Any:
        loading = gated()
        if loading is not None and not SPACY_MODEL.fullmatch(spacy_model_name):
            raise loading.refuse(f"{shortened(spacy_model_name)} is no model of spaCy's own")
        if loading is not None and find_spec(spacy_model_name) is None:
            raise loading.refuse(
                f"its texts are read by spaCy's {spacy_model_name}, which is not installed and is "
                f"not fetched for an archive: python -m spacy download {spacy_model_name}"
            )
        return get(spacy_model_name, *args, **kwargs)

    return getting
