"""The encoders of a model, seen through their anatomies."""

from typing import Any, NamedTuple, Optional

from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn
from transformers import PreTrainedModel

from facade_allennlp.anatomy.anatomy import ANATOMIES, Anatomy, Part, anatomy_of
from facade_allennlp.anatomy.kinds import SIDE_BY_SIDE
from facade_allennlp.errors import with_article

POSITION_TABLES = (
    "embeddings.position_embeddings",
    "position_embeddings",
    "wpe",
    "positions_embed",
    "embed_positions",
)
"""Where models of transformers without an anatomy have their position embeddings, if anywhere."""


class Encoder(NamedTuple):
    """
    An encoder and its anatomy.

    >>> for module, anatomy in encoders_of(archive.model, "my study"):
    ...     print(type(module).__name__, anatomy.attention.heads)
    """

    module: nn.Module
    anatomy: Anatomy

    def find(self, part: Part) -> Any:
        """A part of it, or `None` where it has none."""
        path = self.anatomy.parts.get(part)
        return path and _below(self.module, path)

    def part(self, part: Part) -> Any:
        """
        A part of it.

        # Raises

        `ConfigurationError` : there is none where the anatomy says.
        """
        return _there(self.find(part), part, self.module, self.anatomy.parts)

    @property
    def layers(self) -> list["Layer"]:
        return [Layer(module, self.anatomy) for module in self.part(Part.LAYERS)]

    @property
    def usable_length(self) -> Optional[int]:
        """
        The most tokens of a text that it takes; `None` where no table limits them.
        """
        table = self.find(Part.POSITIONS)
        return None if table is None else _usable_rows(table)


class Layer(NamedTuple):
    """One layer of an encoder, and the encoder's anatomy."""

    module: nn.Module
    anatomy: Anatomy

    def part(self, part: Part) -> Any:
        """
        A part of it.

        # Raises

        `ConfigurationError` : there is none where the anatomy says.
        """
        paths = self.anatomy.layer_parts
        return _there(_below(self.module, paths.get(part, "")), part, self.module, paths)

    def pieces(self, part: Part) -> list[nn.Module]:
        """
        The modules that make up a part: one, or as many as a merged model has side by side.

        # Raises

        `ConfigurationError` : there is none where the anatomy says.
        """
        pieces = side_by_side(self.module)
        for name in self.anatomy.layer_parts.get(part, "").split("."):
            below = [getattr(piece, name, None) for piece in pieces]
            pieces = [piece for module in below for piece in side_by_side(module)]
        return [_there(piece, part, self.module, self.anatomy.layer_parts) for piece in pieces]

    @property
    def attention(self) -> Any:
        """The module whose forward computes attention."""
        return self.part(Part.ATTENTION)

    @property
    def heads(self) -> int:
        return getattr(self.attention, self.anatomy.attention.heads)

    @property
    def head_size(self) -> int:
        return getattr(self.attention, self.anatomy.attention.head_size)

    def split(self, features: Tensor) -> Tensor:
        """From (rows, tokens, features) to (rows, heads, tokens, features of a head)."""
        # shape: (rows, heads, tokens, features of a head)
        return features.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def attended(self, context: Tensor) -> Any:
        """
        What the attention module returns for the contexts of its heads, of shape (rows, heads,
        tokens, features of a head).
        """
        joined = context.transpose(1, 2).flatten(-2)  # shape: (rows, tokens, features)
        if self.anatomy.attention.projects:
            joined = self.part(Part.ATTENTION_OUTPUT)(joined)
        return self.anatomy.returned(joined)


def side_by_side(module: Any) -> list[Any]:
    """The modules that stand side by side in the place of one, or else the module itself."""
    return list(module.parts) if SIDE_BY_SIDE.fits(module) else [module]


def encoders_in(model: nn.Module) -> list[Encoder]:
    """The encoders with an anatomy, in the order in which the model holds them; maybe none."""
    known = ((module, anatomy_of(module)) for module in model.modules())
    return [Encoder(module, anatomy) for module, anatomy in known if anatomy is not None]


def encoders_of(model: nn.Module, asker: str) -> list[Encoder]:
    """
    The encoders with an anatomy, in the order in which the model holds them: one, or with the
    storage `logits` that of the predictive and that of the facade model.

    >>> encoder = encoders_of(archive.model, "my study")[0]
    >>> encoder.layers[0].part(Part.QUERY).weight.shape, encoder.layers[0].heads

    # Parameters

    asker : `str`
        Who looks into them, for the message.

    # Raises

    `ConfigurationError` : there is none.
    """
    encoders = encoders_in(model)
    if not encoders:
        known = sorted(anatomy.name for anatomy in ANATOMIES.values())
        others = names_of_transformers(model)
        held = (
            f"{with_article(others[0])}, whose anatomy is not known"
            if others
            else "no encoder of that kind"
        )
        raise ConfigurationError(
            f"{asker} looks inside an encoder ({', '.join(known)}), but {type(model).__name__} has "
            f"{held}; methods for any model are gradient, smooth_gradient and "
            "integrated_gradients, and other encoders need an entry by anatomy.register"
        )
    return encoders


def names_of_transformers(model: nn.Module) -> list[str]:
    """What the classes of all models of transformers in a model are called, known ones or not."""
    return [type(m).__name__ for m in model.modules() if isinstance(m, PreTrainedModel)]


def usable_lengths(model: nn.Module) -> list[tuple[nn.Module, int]]:
    """
    The encoders of a model that limit the length of a text, each with the most tokens that it
    takes. Models of transformers without an anatomy are known by their table of positions.
    """
    lengths = []
    for module in model.modules():
        anatomy = anatomy_of(module)
        if anatomy is not None:
            length = Encoder(module, anatomy).usable_length
        elif isinstance(module, PreTrainedModel):
            tables = (_below(module, path) for path in POSITION_TABLES)
            rows = [_usable_rows(table) for table in tables if isinstance(table, nn.Embedding)]
            length = min(rows, default=None)
        else:
            length = None
        if length is not None:
            lengths.append((module, length))
    return lengths


def _usable_rows(table: Any) -> int:
    """
    The rows that tokens can have. A table with a row for padding counts positions from the row
    after it (RoBERTa's, MPNet's), others say where they start (BART's).
    """
    before = getattr(table, "offset", 0) if table.padding_idx is None else table.padding_idx + 1
    return table.num_embeddings - before


def _below(module: nn.Module, path: str) -> Any:
    """What is at a path below a module, or `None`."""
    there: Any = module
    for name in path.split("."):
        there = getattr(there, name, None)
    return there


def _there(module: Any, part: Part, whole: nn.Module, paths: Any) -> Any:
    if module is None:
        raise ConfigurationError(
            f"there is no {part.value} at {paths.get(part)!r} of "
            f"{with_article(type(whole).__name__)}"
        )
    return module
