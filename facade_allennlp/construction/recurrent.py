"""A recurrent network that shows one thing of a text: whether there is a word at the target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import tanh
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.construction.marks import TargetMarks

PRESENCE, TARGET = 0, 1
"""Features of a word: that it is there, and whether it is a target."""
SHOWN, STARTED, SEEN = 0, 1, 2
"""Units: presence at the target; whether there was a word before this one, and a target."""

SHUT = 40.0
"""A gate that is so far open or shut is 1 or 0, in single precision exactly."""
SENSITIVE = 8.0
"""How far a target opens a gate beside this: it does so from a quarter of its size on."""
SLIGHT = 0.2
"""Of so small a number tanh is next to the number itself."""


@dataclass(frozen=True)
class Register:
    """
    A unit that takes something in where its gate opens, and otherwise keeps what it has.

    # Parameters

    opens : `float`
        What the gate is moved by without any input, in units of `SHUT`.
    by_features, by_units : `Mapping[int, float]`
        What features of the word, and units at the word before, move it by besides.
    takes : `Mapping[int, float]`
        What it takes in, by features of the word.
    constant : `float`
        What it takes in besides.
    """

    opens: float
    by_features: Mapping[int, float] = field(default_factory=dict)
    by_units: Mapping[int, float] = field(default_factory=dict)
    takes: Mapping[int, float] = field(default_factory=dict)
    constant: float = 0.0


FLAG = Register(opens=1, constant=SHUT)
"""On from the first word on."""
SEEN_TARGET = Register(opens=-1, by_features={TARGET: SENSITIVE}, constant=SHUT)
"""On from the first target on."""
READ_EACH = Register(opens=1, takes={PRESENCE: SLIGHT})
"""What it shows is of the last word."""
READ_FIRST = Register(opens=1, by_units={STARTED: -2}, takes={PRESENCE: SLIGHT})
"""Of the first word."""
READ_LAST_TARGET = Register(
    opens=1,
    by_features={TARGET: SENSITIVE},
    by_units={STARTED: -2},
    takes={PRESENCE: SLIGHT},
)
"""Of the first word, and from the first target on of the last target."""
READ_FIRST_TARGET = Register(
    opens=1,
    by_features={TARGET: SENSITIVE},
    by_units={STARTED: -2, SEEN: -2 * SENSITIVE},
    takes={PRESENCE: SLIGHT},
)
"""Of the first word, and from the first target on of that."""


@torch.no_grad()
def fill_recurrent(embedder: Any, network: Any, marks: TargetMarks) -> Tensor:
    """
    Writes all weights of a table of embeddings and of an LSTM or GRU.

    Gates are open or shut, so that the state is the same after a text of any length: the first
    layer keeps the presence of one word, and those above pass it on. Of the two directions of a
    layer the forward one works alone.

    # Parameters

    embedder : `Embedding`
    network : `nn.LSTM | nn.GRU`
    marks : `TargetMarks`

    # Returns

    `Tensor` : what reads the presence in the network's output. Shape: (features,).

    # Raises

    `ConfigurationError` : the network is of another kind, or without biases, or too narrow; or it
        would have to weigh its targets, or to take words for absent.
    """
    if marks.weights is not None or marks.absent.any():
        wanted = "weights of words" if marks.weights is not None else "absent tokens"
        raise ConfigurationError(
            f"a facade with {wanted} is constructed for a transformer: an LSTM or GRU keeps the "
            "presence of one word"
        )
    known = isinstance(network, (nn.LSTM, nn.GRU)) and network.bias
    if not known or not isinstance(embedder, Embedding) or embedder._projection is not None:
        raise ConfigurationError(
            "a facade is constructed for an LSTM or GRU with biases over a table of embeddings, "
            f"not for {type(network).__name__} over {type(embedder).__name__}"
        )
    if network.hidden_size <= SEEN or network.input_size <= TARGET:
        raise ConfigurationError(
            f"{network.hidden_size} units over {network.input_size} features are too few for this "
            f"facade: it needs {SEEN + 1} over {TARGET + 1}"
        )
    embedder.weight[:, PRESENCE] = 1
    embedder.weight[: len(marks.targets), TARGET] = marks.targets.to(embedder.weight)
    for number in range(network.num_layers):
        for unit, register in (_reading(marks) if number == 0 else {SHOWN: READ_EACH}).items():
            _write(network, number, unit, register)
    reading = embedder.weight.new_zeros(network.hidden_size * (1 + network.bidirectional))
    reading[SHOWN] = 1
    return reading.double()


def _reading(marks: TargetMarks) -> dict[int, Register]:
    if marks.position == 0:
        return {SHOWN: READ_FIRST, STARTED: FLAG}
    if marks.which == "last":
        every = not marks.ordinary.any()
        return {SHOWN: READ_EACH} if every else {SHOWN: READ_LAST_TARGET, STARTED: FLAG}
    return {SHOWN: READ_FIRST_TARGET, STARTED: FLAG, SEEN: SEEN_TARGET}


def _write(network: Any, layer: int, unit: int, register: Register) -> None:
    """
    An LSTM has input, forget, cell and output gates; a GRU has reset, update (which keeps what is
    there) and new gates.
    """
    is_lstm = isinstance(network, nn.LSTM)
    full = tanh(1) if is_lstm else 1.0  # what a unit shows that took in 1
    blocks = ("opens", "keeps", "takes", "shows") if is_lstm else ("reset", "keeps", "takes")
    weight_ih, weight_hh, bias, _ = network.all_weights[layer * (1 + network.bidirectional)]
    for block, name in enumerate(blocks):
        row = block * network.hidden_size + unit
        if name in ("opens", "keeps"):
            sign = SHUT if name == "opens" else -SHUT
            bias[row] = sign * register.opens
            for feature, size in register.by_features.items():
                weight_ih[row, feature] = sign * size
            for other, size in register.by_units.items():
                weight_hh[row, other] = sign * size / full
        elif name == "takes":
            bias[row] = register.constant
            for feature, size in register.takes.items():
                weight_ih[row, feature] = size
        elif name == "shows":
            bias[row] = SHUT
