"""The config of a constructed facade: the predictive model's, without what it need not hold."""

from collections.abc import Mapping
from typing import Any

from allennlp.models import Model

from facade_allennlp.anatomy import Part, encoders_in
from facade_allennlp.archives.checked_config import OF_TRAINING
from facade_allennlp.archives.config_objects import with_objects

INNER = 16
"""The width of feed-forward blocks, which do nothing in a constructed facade."""
LEFT_OUT = OF_TRAINING | {"regularizer"}
"""Settings that bring weights in, or only matter in training."""
EMBEDDERS = ("pretrained_transformer", "archived_transformer")
"""Token embedders that take changes to a transformer's configuration."""


def facade_config(config: Mapping[str, Any], predictive: Model) -> dict[str, Any]:
    """
    As many layers and heads, of the same size, as the predictive model has.

    >>> facade_config(archive.config.as_dict(quiet=True)["model"], archive.model)

    # Parameters

    config : `Mapping[str, Any]`
        The predictive model's.
    predictive : `Model`
    """
    changes: dict[str, int] = {}
    for encoder in encoders_in(predictive)[:1]:
        inner = encoder.layers[0].part(Part.INTERMEDIATE).out_features
        own: Any = encoder.module.config
        # The width of the layers comes before that of their blocks, should both be the same.
        *_, name = [name for name in encoder.anatomy.sizes if getattr(own, name) == inner]
        changes = {name: INNER}

    def changed(component: dict[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in component.items() if name not in LEFT_OUT}
        if kept.get("type") in EMBEDDERS:
            kept["transformer_kwargs"] = {**(kept.get("transformer_kwargs") or {}), **changes}
        return kept

    return with_objects(dict(config), changed)
