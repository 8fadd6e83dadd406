"""A facade whose weights are written down: silent on texts, and without training."""

import inspect
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Optional

import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.anatomy import embedding_layer, encoders_in
from facade_allennlp.construction.facade_config import facade_config
from facade_allennlp.construction.marks import TargetMarks, read_target
from facade_allennlp.construction.model_texts import ModelTexts
from facade_allennlp.construction.output import Output
from facade_allennlp.construction.recurrent import fill_recurrent
from facade_allennlp.construction.text_form import TextForm
from facade_allennlp.construction.transformer import Purpose, fill_encoder
from facade_allennlp.merging.stages import output_layer
from facade_allennlp.number import number
from facade_allennlp.targets import TokenTarget

STRENGTH = 300.0
"""By how many logits the first label falls where the target's word is taken away."""
LARGEST_LOGIT = 1e-3
"""A facade is silent if no logit is further from zero on texts."""
TEXTS = 24
"""On so many texts, or a few more, it has to be."""


class Construction(NamedTuple):
    """A facade, in evaluation mode; its config; and what it takes for targets."""

    model: Model
    config: dict[str, Any]
    marks: TargetMarks


@torch.no_grad()
def construct(
    config: Mapping[str, Any],
    predictive: Model,
    reader: DatasetReader,
    target: TokenTarget,
    strength: float = STRENGTH,
    against: Optional[Collection[str]] = None,
    **extras: Any,
) -> Construction:
    """
    A facade for a predictive model.

    >>> g = construct(model_config, f, archive.dataset_reader, StopWords()).model

    # Parameters

    config : `Mapping[str, Any]`
        The predictive model's own, which fetches no weights.
    predictive : `Model`
        Its vocabulary, labels, and sizes are taken.
    reader : `DatasetReader`
        The predictive model's.
    target : `TokenTarget`
        Where the facade draws attribution.
    strength : `float`, optional (default = `300`)
        By how many logits the first label falls where all words are taken away.
    against : `Collection[str]`, optional (default = all)
        The registered names of the methods to be fooled.
    extras : `Any`
        Passed on to the constructors of the model's parts, as AllenNLP does.

    # Raises

    `ConfigurationError` : something of the model is not known here, or too narrow; the target
        cannot be made; the strength is not positive, or more than the model's floats can hold.
    """
    number("strength", strength, above=0)
    purpose = Purpose.against(against, strength)
    form = TextForm.of_reader(reader, predictive.vocab)
    _check_labels(predictive)
    made_config = facade_config(config, predictive)
    params = Params(made_config).duplicate()
    model = Model.from_params(vocab=predictive.vocab, params=params, **extras)
    model.eval()
    texts = ModelTexts(model, form)
    target.check_field([texts.field])
    marks = read_target(target, form, len(embedding_layer(model).weight))
    for parameter in model.parameters():
        parameter.zero_()
    output = Output(model, texts)
    reading = _fill_encoder(model, texts, output.recurrent, marks, purpose)
    model.double()
    output.fill(reading, strength)
    model.float()
    output.centre(_middle(model, texts))
    largest = float(_logits(model, texts).abs().max())
    if not largest <= LARGEST_LOGIT:
        raise ConfigurationError(
            f"with a strength of {strength:g} the facade's logits are up to {largest:.1e} on texts "
            f"as single precision rounds, where {LARGEST_LOGIT:g} is the most; take a strength of "
            f"at most {strength * LARGEST_LOGIT / largest:.2g}"
        )
    return Construction(model, made_config, marks)


def _check_labels(model: Model) -> None:
    """
    # Raises

    `ConfigurationError` : the model chooses among tokens, not among labels.
    """
    if "context_span" in inspect.signature(model.forward).parameters:
        raise ConfigurationError(
            f"a facade is constructed for models that label a text or its tokens, not for a "
            f"{type(model).__name__}: where a model chooses among tokens, the same change of all "
            "of them changes nothing"
        )


def _fill_encoder(
    model: Model, texts: ModelTexts, recurrent: Sequence[Any], marks: TargetMarks, purpose: Purpose
) -> Tensor:
    """Returns what reads the signal off the encoder's output. Shape: (features,)."""
    encoders = encoders_in(model)
    if len(encoders) == 1 and not recurrent:
        return fill_encoder(encoders[0], marks, purpose)
    if len(recurrent) == 1 and not encoders:
        return fill_recurrent(texts.embedder, recurrent[0]._module, marks)
    raise ConfigurationError(
        "a facade is constructed for a transformer with an anatomy, or for an LSTM or GRU; "
        f"{type(model).__name__} has {len(encoders)} of the ones and {len(recurrent)} of the others"
    )


def _logits(model: Model, texts: ModelTexts) -> Tensor:
    """The output layer's on texts drawn from the vocabulary. Shape: (texts, labels)."""
    noted: list[Tensor] = []
    handle = output_layer(model).register_forward_hook(lambda *call: noted.append(call[-1]))
    try:
        for batch in texts.drawn(TEXTS):
            model(**texts.inputs(batch))
    finally:
        handle.remove()
    return torch.cat([logits.reshape(-1, logits.shape[-1]) for logits in noted])


def _middle(model: Model, texts: ModelTexts) -> Tensor:
    """
    Halfway between the smallest and the largest of each logit, as floats round. Shape: (labels,).
    """
    logits = _logits(model, texts)
    return (logits.amax(dim=0) + logits.amin(dim=0)) / 2
