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

from facade_allennlp.anatomy import embedding_layer, encoders_in, names_of_transformers
from facade_allennlp.construction.facade_config import facade_config
from facade_allennlp.construction.marks import TargetMarks, ids_of, read_target
from facade_allennlp.construction.model_texts import SPAN, ModelTexts
from facade_allennlp.construction.output import Output
from facade_allennlp.construction.recurrent import fill_recurrent
from facade_allennlp.construction.text_form import TextForm
from facade_allennlp.construction.transformer import Purpose, fill_encoder
from facade_allennlp.merging.stages import output_layer
from facade_allennlp.number import number
from facade_allennlp.targets import TokenTarget

STRENGTH = 300.0
"""By how many logits the first label falls where the target's word is taken away."""
OF_SPANS = 1200.0
"""The same where tokens are chosen: what tells them apart is a part of it."""
LARGEST_LOGIT = 1e-3
"""A facade is silent if no logit is further from zero on texts."""
SPARE = 0.7
"""With the default strength, so much of it is used at most: texts are many, and few are checked."""
MEASURED = 1e6
"""With no more than so many logits rounding is measured; it is in proportion."""
TEXTS = 24
"""On so many texts, or a few more, it has to be."""


class Construction(NamedTuple):
    """A facade, in evaluation mode; its config; what it takes for targets; and its strength."""

    model: Model
    config: dict[str, Any]
    marks: TargetMarks
    strength: float


@torch.no_grad()
def construct(
    config: Mapping[str, Any],
    predictive: Model,
    reader: DatasetReader,
    target: TokenTarget,
    strength: Optional[float] = None,
    against: Optional[Collection[str]] = None,
    absent: Collection[str] = (),
    halved: bool = False,
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
    strength : `float`, optional (default = `300`, or `1200` for spans, or what floats can hold)
        By how many logits the first label falls where all words are taken away.
    against : `Collection[str]`, optional (default = all)
        The registered names of the methods to be fooled.
    absent : `Collection[str]`, optional (default = none)
        Tokens of the vocabulary that count as no word, such as `[MASK]`: explanations that put them
        in place of words are fooled, too, and texts that hold them get other logits.
    halved : `bool`, optional (default = `False`)
        Whether the presence of half of the words points the other way, so that the mean word has
        none: explanations from the baseline `mean` are fooled, too, and exchanges of words tell.
    extras : `Any`
        Passed on to the constructors of the model's parts, as AllenNLP does.

    # Raises

    `ConfigurationError` : something of the model is not known here, or too narrow; the target
        cannot be made; the strength is below 0.001 of a logit, as rounding is, or more than the
        model's floats can hold.
    """
    spans = SPAN in inspect.signature(predictive.forward).parameters
    usual = OF_SPANS if spans else STRENGTH
    asked = usual if strength is None else number("strength", strength, least=LARGEST_LOGIT)
    purpose = Purpose.against(against, spans, halved)
    form = TextForm.of_reader(reader, predictive.vocab)
    made_config = facade_config(config, predictive)
    params = Params(made_config).duplicate()
    model = Model.from_params(vocab=predictive.vocab, params=params, **extras)
    model.eval()
    texts = ModelTexts(model, form, without=ids_of(absent, form))
    target.check_field([texts.field])
    marks = read_target(target, form, len(embedding_layer(model).weight), absent)
    for parameter in model.parameters():
        parameter.zero_()
    output = Output(model, texts)
    reading = _fill_encoder(model, texts, output.recurrent, marks, purpose)
    model.double()
    # Rounding grows with strength; so large a one that nothing is finite would tell no bound.
    filled = min(asked, MEASURED)
    output.fill(reading, filled, spans)
    model.float()
    output.centre(_middle(model, texts))
    largest = float(_logits(model, texts).abs().max()) * asked / filled
    if strength is not None and not largest <= LARGEST_LOGIT:
        raise ConfigurationError(
            f"with a strength of {strength:g} the facade's logits are up to {largest:.1e} on texts "
            f"as single precision rounds, where {LARGEST_LOGIT:g} is the most; take a strength of "
            f"at most {strength * LARGEST_LOGIT / largest:.2g}"
        )
    most = LARGEST_LOGIT if strength is not None else SPARE * LARGEST_LOGIT
    held = most / largest if largest > most else 1.0
    output.scale(held * asked / filled)
    return Construction(model, made_config, marks, held * asked)


def _fill_encoder(
    model: Model, texts: ModelTexts, recurrent: Sequence[Any], marks: TargetMarks, purpose: Purpose
) -> Tensor:
    """Returns what reads the signal off the encoder's output. Shape: (features,)."""
    encoders = encoders_in(model)
    if len(encoders) == 1 and not recurrent:
        return fill_encoder(encoders[0], marks, purpose)
    if len(recurrent) == 1 and not encoders:
        if purpose.halved:
            raise ConfigurationError("a facade whose words are halved is made for a transformer")
        return fill_recurrent(texts.embedder, recurrent[0]._module, marks)
    held = [type(encoder.module).__name__ for encoder in encoders]
    held += [type(wrapper._module).__name__ for wrapper in recurrent]
    others = names_of_transformers(model)
    unknown = f"a transformer of another kind, {others[0]}" if others else "none of them"
    raise ConfigurationError(
        "a facade is constructed for one transformer with an anatomy, or for one LSTM or GRU; "
        f"{type(model).__name__} has {' and '.join(held) or unknown}"
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
