"""In which order a model runs its modules, and which of them gives its logits."""

from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import nn

STAGES: dict[str, tuple[str, ...]] = {
    "BasicClassifier": (
        "_text_field_embedder",
        "_seq2seq_encoder",
        "_seq2vec_encoder",
        "_feedforward",
        "_classification_layer",
    ),
    "TokenLabeller": (
        "_text_field_embedder",
        "_seq2seq_encoder",
        "_feedforward",
        "_classification_layer",
    ),
    "TransformerQA": ("_text_field_embedder", "_linear_layer"),
}
"""
By the name of a model's class (some are slow to import): the modules from the token ids to the
logits, each of which reads nothing but the output of the one before it.
"""


def stages(model: Model) -> list[str]:
    """
    The names of the modules that the model has, in order; the last one's output is its logits.

    # Raises

    `ConfigurationError` : the class of the model has no entry in `STAGES`.
    """
    for kind in type(model).__mro__:
        if kind.__name__ in STAGES:
            return [name for name in STAGES[kind.__name__] if getattr(model, name) is not None]
    raise ConfigurationError(
        f"it is not known which modules of {type(model).__name__} lead to its logits; known are "
        f"those of {sorted(STAGES)}"
    )


def output_layer(model: Model) -> nn.Linear:
    """The layer whose output is the model's logits; raises as `stages`."""
    return getattr(model, stages(model)[-1])
