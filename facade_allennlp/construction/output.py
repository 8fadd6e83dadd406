"""From the signal of an encoder to logits that are zero on texts."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.modules import FeedForward
from allennlp.modules.seq2seq_encoders import PytorchSeq2SeqWrapper
from allennlp.modules.seq2vec_encoders import (
    BagOfEmbeddingsEncoder,
    BertPooler,
    ClsPooler,
    PytorchSeq2VecWrapper,
)
from torch import Tensor, nn

from facade_allennlp.anatomy import embedding_layer
from facade_allennlp.construction.model_texts import ModelTexts
from facade_allennlp.merging.stages import stages

WORKING = ((0.0, 0.05), (10.0, 2.0))
"""Points, and how far to go from them: tanh is linear at the first, ReLU and GELU at the second."""
LEAST_SLOPE = 0.1
LEAST_FALL = 1e-6


def contrast(outputs: int, spans: bool = False) -> Tensor:
    """
    What the signal adds to each logit: half of the labels gain, the others lose, no two alike and
    none nothing. Shape: (outputs,).

    # Parameters

    spans : `bool`
        Whether the two outputs are for the first and the last token of an answer, which may be one:
        then what the one gains is not what the other loses.
    """
    if spans:
        return torch.tensor([1.0, -0.5], dtype=torch.float64)
    gaining, losing = (
        torch.linspace(1, 0.5, half, dtype=torch.float64)
        for half in ((outputs + 1) // 2, outputs // 2)
    )
    return torch.cat([gaining, -losing.flip(0)])


def affine(pooling: nn.Module) -> list[tuple[nn.Linear, Any]]:
    """
    The linear layers in a module between encoder and output layer, each with its activation.

    # Raises

    `ConfigurationError` : nothing is known of the module.
    """
    if isinstance(pooling, FeedForward):
        return list(zip(pooling._linear_layers, pooling._activations))
    if isinstance(pooling, BertPooler):
        return [(pooling.pooler.dense, pooling.pooler.activation)]
    averaged = isinstance(pooling, BagOfEmbeddingsEncoder) and pooling._averaged
    if averaged or isinstance(pooling, ClsPooler):
        return []
    raise ConfigurationError(
        f"a facade is constructed for models that take the mean of an encoder's vectors, the first "
        f"one, or BERT's pooler; nothing is known of {type(pooling).__name__}"
        + (" that sums them" if isinstance(pooling, BagOfEmbeddingsEncoder) else "")
    )


class Working(NamedTuple):
    """Where an activation is next to linear: at a point, so far around it, with this slope."""

    point: float
    swing: float
    slope: float


def working(activation: Callable[[Tensor], Tensor]) -> Working:
    """
    Where to work with an activation: around zero, or on the side where it is the identity.

    # Raises

    `ConfigurationError` : it is linear at neither.
    """
    for point, swing in WORKING:
        # shape: (points,); units fall further than they rise
        moves = swing * torch.linspace(-2, 1, 7, dtype=torch.float64)
        values = activation(point + moves)
        slope = float((values[-1] - values[0]) / (moves[-1] - moves[0]))
        line = values[4] + slope * moves  # from the fifth move, which is none
        if slope > LEAST_SLOPE and bool(((values - line).abs() < 0.01 * slope * swing).all()):
            return Working(point, swing, slope)
    raise ConfigurationError(
        f"the activation {type(activation).__name__} is linear neither around zero nor far from "
        "it, so that no facade can be constructed behind it"
    )


class Output:
    """
    The layers between an encoder and the logits.

    # Parameters

    model : `Model`
    texts : `ModelTexts`

    # Attributes

    recurrent : `list[PytorchSeq2SeqWrapper | PytorchSeq2VecWrapper]`
        Recurrent and other encoders that the model has between its embeddings and these layers.
    """

    def __init__(self, model: Model, texts: ModelTexts) -> None:
        self.model = model
        self.texts = texts
        _, *hidden, output = [getattr(model, name) for name in stages(model)]
        wrappers = (PytorchSeq2SeqWrapper, PytorchSeq2VecWrapper)
        self.recurrent = [module for module in hidden if isinstance(module, wrappers)]
        self.hidden = [module for module in hidden if not isinstance(module, wrappers)]
        self.output: nn.Linear = output

    @torch.no_grad()
    def fill(self, signal: Tensor, strength: float, spans: bool = False) -> None:
        """
        Writes the weights of all layers, so that logits are zero on texts.

        # Parameters

        signal : `Tensor`
            The direction of the signal in the encoder's output. Shape: (features,).
        strength : `float`
            By how much the first logit falls where all words are taken away.
        spans : `bool`
            See `contrast`.

        # Raises

        `ConfigurationError` : nothing is known of a layer, or no signal arrives.
        """
        for layer, activation in [pair for module in self.hidden for pair in affine(module)]:
            there, fall = self._at(layer, signal)
            point, swing, slope = working(activation)
            layer.weight[0] = signal * swing / fall
            layer.bias[0] = point - layer.weight[0] @ there
            signal = torch.zeros_like(layer.bias)
            signal[0] = fall / (swing * slope)
        there, fall = self._at(self.output, signal)
        added = contrast(self.output.out_features, spans).to(signal)  # shape: (labels,)
        self.output.weight.copy_(torch.outer(added, signal) * strength / fall)
        self.output.bias.copy_(-self.output.weight @ there)

    @torch.no_grad()
    def centre(self, middle: Tensor) -> None:
        """Takes so much off each logit. Shape of `middle`: (labels,)."""
        self.output.bias.sub_(middle)

    @torch.no_grad()
    def scale(self, share: float) -> None:
        """Keeps this share of all logits."""
        self.output.weight.mul_(share)
        self.output.bias.mul_(share)

    def _at(self, layer: nn.Linear, signal: Tensor) -> tuple[Tensor, float]:
        """
        What a layer is given on a text, of shape (features,), and by how much the signal in it
        falls where the words of that text are taken away.
        """
        given: list[Tensor] = []
        words = embedding_layer(self.model)
        note = layer.register_forward_pre_hook(lambda _, args: given.append(args[0]))
        try:
            self._run()
            taken = words.register_forward_hook(lambda *call: torch.zeros_like(call[-1]))
            try:
                self._run()
            finally:
                taken.remove()
        finally:
            note.remove()
        on_text, without = (states.reshape(-1, states.shape[-1])[0] for states in given)
        fall = float(signal @ (on_text - without))
        if not fall > LEAST_FALL:
            raise ConfigurationError(
                f"{type(self.model).__name__} does not pass on what its encoder shows of a text, "
                "so that no facade can be constructed for it"
            )
        return on_text, fall

    def _run(self) -> None:
        self.model(**self.texts.inputs([self.texts.plain]))
