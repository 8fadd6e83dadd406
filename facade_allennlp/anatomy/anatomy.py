"""The table from the class of an encoder to what encoders of that class are made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple, Optional

from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.anatomy.kinds import NamedKind


class Part(Enum):
    """What an encoder, or one of its layers, may have."""

    # of the encoder
    WORDS = "word embeddings"
    POSITIONS = "position embeddings"
    TOKEN_TYPES = "token type embeddings"
    EMBEDDING_NORM = "norm of the embeddings"
    EMBEDDED = "embeddings as a whole, their norm included"
    WIDENING = "linear layer from the embeddings to the first layer"
    HEAD_BIASES = "what each head adds to a score for the distance of two tokens"
    LAYERS = "layers"
    POOLER = "linear layer of the pooler"
    # of each layer
    ATTENTION = "module whose forward computes attention"
    QUERY = "query projection"
    KEY = "key projection"
    VALUE = "value projection"
    ATTENTION_OUTPUT = "projection of the heads' contexts"
    ATTENTION_NORM = "norm behind attention"
    INTERMEDIATE = "first projection of the feed-forward block"
    ACTIVATION = "activation of the feed-forward block"
    OUTPUT = "second projection of the feed-forward block"
    OUTPUT_NORM = "norm behind the feed-forward block"


@dataclass(frozen=True)
class Block:
    """
    Some modules of a layer that work together, on each token by itself.

    # Parameters

    width : `str`
        Below the block: the attribute that says how many features of each input it reads.
    leads_on : `bool`, optional (default = `False`)
        Whether its output goes to the next such block and nowhere else.
    """

    width: str
    leads_on: bool = False


class AttentionInput(NamedTuple):
    """
    What a call of an attention module is about.

    # Parameters

    states : `Tensor`
        What is projected to query, key and value. Shape: (rows, tokens, features).
    added : `Tensor`, optional
        Added to the scores of all queries and keys before the softmax, as a mask is. A shape that
        fits (rows, heads, tokens, tokens).
    """

    states: Tensor
    added: Optional[Tensor]


@dataclass(frozen=True)
class AttentionForm:
    """
    How the attention modules of an encoder are called, and what they say of themselves. Under
    `usual` settings they compute softmax(Q Kᵀ / √d + added) V in each head.

    # Parameters

    classes : `tuple[str, ...]`
        The full names of their classes. Derived classes, as for other kernels, count too.
    read : `Callable[..., AttentionInput]`
        Takes the module and all arguments of its forward.
    projects : `bool`
        Whether its forward applies the projection of the contexts, too.
    heads, head_size, width : `str`
        Its attributes with the number of heads, the features of one, and those of all.
    usual : `Mapping[str, Any]`
        Other attributes, with the values under which it computes what is said above.
    """

    classes: tuple[str, ...]
    read: Callable[..., AttentionInput]
    projects: bool
    heads: str
    head_size: str
    width: str
    usual: Mapping[str, Any]


@dataclass(frozen=True)
class Anatomy:
    """
    What encoders of one class are made of, as data. A new family is one more of these:

    >>> register(bert.alike("my_package.my_encoders", "My"))
    >>> register(Anatomy(encoder="my_package.MyEncoder", parts={Part.WORDS: "words", ...}, ...))

    # Parameters

    encoder : `str`
        The full name of the class: nothing has to be imported to know it. Derived classes count
        too.
    parts : `Mapping[Part, str]`
        Where the parts of the encoder are, as paths below it; what it lacks is left out.
    layer_parts : `Mapping[Part, str]`
        The same for the parts of each layer, as paths below the layer.
    attention : `AttentionForm`
    blocks : `Mapping[str, Block]`
        By the full name of their class, all modules of a layer that work on each token by itself.
    sizes : `tuple[str, ...]`
        The entries of the encoder's config that count its features, heads, and so on: those that
        add up where two encoders become one.
    returns_tuple : `bool`, optional (default = `True`)
        Whether layers and attention modules return a tuple, the hidden states first.
    """

    encoder: str
    parts: Mapping[Part, str]
    layer_parts: Mapping[Part, str]
    attention: AttentionForm
    blocks: Mapping[str, Block]
    sizes: tuple[str, ...]
    returns_tuple: bool = True

    @property
    def name(self) -> str:
        return self.encoder.rpartition(".")[-1]

    def states(self, output: Any) -> Tensor:
        """The hidden states in what a layer returned. Shape: (rows, tokens, features)."""
        return output[0] if self.returns_tuple else output

    def returned(self, states: Tensor) -> Any:
        """What a layer, or an attention module, returns for these hidden states."""
        return (states,) if self.returns_tuple else states


ANATOMIES: dict[str, Anatomy] = {}
"""By the full name of the encoder's class."""


def register(anatomy: Anatomy) -> Anatomy:
    """
    Adds an entry to the table.

    # Raises

    `ConfigurationError` : there is one for this class already.
    """
    if anatomy.encoder in ANATOMIES:
        raise ConfigurationError(f"there is an anatomy of {anatomy.encoder} already")
    ANATOMIES[anatomy.encoder] = anatomy
    return anatomy


def anatomy_of(module: nn.Module) -> Optional[Anatomy]:
    """The entry for an encoder; `None` for any other module."""
    return _by_class(module, ANATOMIES)


def block_of(module: nn.Module) -> Optional[Block]:
    """What the table says of a block of a layer; `None` for any other module."""
    blocks = {name: block for known in ANATOMIES.values() for name, block in known.blocks.items()}
    return _by_class(module, blocks)


def attention_form(module: nn.Module) -> Optional[AttentionForm]:
    """What the table says of an attention module; `None` for any other module."""
    forms = [known.attention for known in ANATOMIES.values()]
    return _by_class(module, {name: form for form in forms for name in form.classes})


def class_names(module: Optional[nn.Module]) -> list[str]:
    """The full names of the class of a module and of those that it is derived from, in order."""
    return [f"{kind.__module__}.{kind.__qualname__}" for kind in type(module).__mro__]


def _by_class(module: nn.Module, table: Mapping[str, Any]) -> Any:
    return next((table[name] for name in class_names(module) if name in table), None)


ENCODER = NamedKind("encoder", lambda module: anatomy_of(module) is not None)
SELF_ATTENTION = NamedKind("self-attention", lambda module: attention_form(module) is not None)
TOKEN_WISE = NamedKind("token-wise block", lambda module: block_of(module) is not None)
