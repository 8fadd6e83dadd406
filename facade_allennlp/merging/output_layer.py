"""Where a model's logits come from."""

from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import nn

OUTPUT_LAYERS = {"BasicClassifier": "_classification_layer", "TransformerQA": "_linear_layer"}
"""The module of a model whose output is its logits, by the name of the model's class."""


def output_layer_name(model: Model) -> str:
    """
    # Raises

    `ConfigurationError` : the class of the model has no entry in `OUTPUT_LAYERS`.
    """
    for kind in type(model).__mro__:
        if kind.__name__ in OUTPUT_LAYERS:
            return OUTPUT_LAYERS[kind.__name__]
    raise ConfigurationError(
        f"it is not known which layer of {type(model).__name__} gives its logits; known are "
        f"{sorted(OUTPUT_LAYERS)}"
    )


def output_layer(model: Model) -> nn.Linear:
    """The layer whose output is the model's logits; raises as `output_layer_name`."""
    return getattr(model, output_layer_name(model))
