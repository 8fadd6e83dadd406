"""What a constructed facade with a transformer does with a text: what is drawn of it."""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.anatomy import Encoder, Layer, Part, embedding_layer, encoders_of
from facade_allennlp.merging.stages import output_layer

POINTS = 41
"""Of each curve."""
NOTHING = 1e-3
"""What is no longer is rounding."""


@dataclass
class Network:
    """
    What a facade does with a text.

    # Parameters

    tokens : `list[str]`
    attention : `Tensor`
        Probabilities, of which heads have the mean. Shape: (layers, tokens, tokens).
    sources : `dict[str, Tensor]`
        By name, what is written to the hidden states: by a table for a token, or by a layer for
        all. Each of shape (features,).
    readers : `dict[str, tuple[Tensor, int]]`
        By name, a direction that is read, and the number of sources that were written before.
    """

    tokens: list[str]
    attention: Tensor
    sources: dict[str, Tensor]
    readers: dict[str, tuple[Tensor, int]]

    @property
    def target(self) -> int:
        """The place where the last layer looks most."""
        return int(self.attention[-1].mean(dim=0).argmax())

    def seen(self) -> Tensor:
        """
        How much of each source each reader sees, where the most is 1; NaN for what is written
        later. Shape: (readers, sources).
        """
        rows = torch.full((len(self.readers), len(self.sources)), float("nan"))
        for row, (direction, before) in zip(rows, self.readers.values()):
            sizes = torch.stack([source @ direction for source in self.sources.values()][:before])
            row[:before] = sizes / sizes[sizes.abs().argmax()]
        return rows


def network(model: Model, reader: DatasetReader, text: str) -> Network:
    """
    >>> network(archive.model, archive.dataset_reader, "Not a dull moment.").seen()
    """
    (encoder,) = encoders_of(model, "this picture")
    instance = reader.text_to_instance(text)
    tokens = [str(token) for token in next(iter(instance.fields.values())).tokens]  # type: ignore
    noted = _noted(model, reader, instance, encoder)
    attention = torch.stack([_heads(layer, noted).mean(dim=0) for layer in encoder.layers])
    made = Network(tokens, attention, {}, {})
    tables = [noted[encoder.part(part)].flatten(0, -2) for part in (Part.WORDS, Part.POSITIONS)]
    made.sources = _from_tables(*tables, made.target)
    for number, layer in enumerate(encoder.layers, 1):
        looked_for, *more = _looked_for(layer)
        before = len(made.sources)
        made.readers[f"layer {number} looks for"] = looked_for, before
        made.readers |= {f"layer {number}: and for": (other, before) for other in more}
        made.readers |= {f"layer {number} passes on": (read, before) for read in _passed_on(layer)}
        made.sources |= {
            f"layer {number}: {name}": written
            for name, written in _written(layer, noted).items()
            if written.norm() > NOTHING
        }
    made.readers["a logit adds up"] = output_layer(model).weight[0].detach(), len(made.sources)
    return made


def _noted(
    model: Model, reader: DatasetReader, instance: Instance, encoder: Encoder
) -> dict[nn.Module, Tensor]:
    """
    What tables, queries, keys and values of an encoder return for one text, each of shape
    (1, tokens, features).
    """
    parts = (Part.QUERY, Part.KEY, Part.VALUE)
    modules = [
        *(encoder.part(part) for part in (Part.WORDS, Part.POSITIONS)),
        *(layer.part(part) for layer in encoder.layers for part in parts),
    ]
    outputs: dict[nn.Module, Tensor] = {}

    def note(module: nn.Module, args: Any, output: Tensor) -> None:
        outputs[module] = output.detach()

    handles = [module.register_forward_hook(note) for module in modules]
    try:
        logits(model, reader, instance)
    finally:
        for handle in handles:
            handle.remove()
    return outputs


def _heads(layer: Layer, noted: dict[nn.Module, Tensor]) -> Tensor:
    """The probabilities of each head. Shape: (heads, tokens, tokens)."""
    query, key = (layer.split(noted[layer.part(part)])[0] for part in (Part.QUERY, Part.KEY))
    return (query @ key.transpose(-1, -2) / layer.head_size**0.5).softmax(dim=-1)


def _written(layer: Layer, noted: dict[nn.Module, Tensor]) -> dict[str, Tensor]:
    """What attention adds to the last token: the head that adds most, and the bias."""
    context = _heads(layer, noted)[:, -1:] @ layer.split(noted[layer.part(Part.VALUE)])[0]
    output = layer.part(Part.ATTENTION_OUTPUT)
    # shape: (heads, features of a head, features)
    by_head = output.weight.detach().T.unflatten(0, (layer.heads, -1))
    added = (context @ by_head)[:, 0]  # shape: (heads, features)
    return {"a head": added[added.norm(dim=-1).argmax()], "bias": output.bias.detach()}


def _from_tables(words: Tensor, positions: Tensor, target: int) -> dict[str, Tensor]:
    """The target's word, the first positions, and one behind them. Shapes: (tokens, features)."""
    first = {f"position {place + 1}": positions[place] for place in range(max(3, target + 1))}
    return {"a word": words[target], **first, "a later position": positions[-1]}


def _looked_for(layer: Layer) -> list[Tensor]:
    """
    The directions in which scores of attention grow, those that are alike once. Each of shape
    (features,).
    """
    query, key = layer.part(Part.QUERY), layer.part(Part.KEY)
    by_head = (
        query.bias.detach().unflatten(0, (layer.heads, 1, -1))
        @ key.weight.detach().unflatten(0, (layer.heads, -1))
    ).squeeze(1)  # shape: (heads, features)
    unlike: list[Tensor] = []
    for direction in by_head:
        alike = (torch.cosine_similarity(direction, other, dim=0) for other in unlike)
        if not any(likeness > 0.999 for likeness in alike):
            unlike.append(direction)
    return unlike


def _passed_on(layer: Layer) -> list[Tensor]:
    """
    The direction that a layer's values pass most of on, if they read any. Shape: (features,).
    """
    passed = (layer.part(Part.ATTENTION_OUTPUT).weight @ layer.part(Part.VALUE).weight).detach()
    _, sizes, directions = torch.linalg.svd(passed)
    return [directions[0] * sizes[0]] if sizes[0] > 0 else []


def logits(model: Model, reader: DatasetReader, instance: Instance) -> Tensor:
    """Shape: (labels,)."""
    apply = getattr(reader, "apply_token_indexers", None)
    if apply is not None:
        apply(instance)
    return torch.tensor(model.forward_on_instance(instance)["logits"])


def curves(
    model: Model, reader: DatasetReader, text: str, target: int
) -> tuple[Tensor, dict[str, Tensor]]:
    """
    The first logit while words are shrunk.

    # Returns

    The factors of embeddings, of shape (points,), and by which words are shrunk, the logits of the
    same shape.
    """
    instance = reader.text_to_instance(text)
    factors = torch.linspace(0, 1, POINTS)

    def curve(chosen: Callable[[Tensor], Tensor]) -> Tensor:
        return torch.stack(
            [_shrunk(model, reader, instance, factor, chosen)[0] for factor in factors]
        )

    return factors, {
        "all words": curve(torch.ones_like),
        "the target's word": curve(lambda places: (places == target).to(places)),
        "all other words": curve(lambda places: (places != target).to(places)),
    }


def _shrunk(
    model: Model,
    reader: DatasetReader,
    instance: Instance,
    factor: Tensor,
    chosen: Callable[[Tensor], Tensor],
) -> Tensor:
    with _hooked(embedding_layer(model), lambda words: _scaled(words, factor, chosen)):
        return logits(model, reader, instance)


def _scaled(words: Tensor, factor: Tensor, chosen: Callable[[Tensor], Tensor]) -> Tensor:
    which = chosen(torch.arange(words.shape[1]))[:, None]
    return words * (1 - which * (1 - factor))


@contextmanager
def _hooked(module: nn.Module, change: Callable[[Tensor], Tensor]) -> Any:
    handle = module.register_forward_hook(lambda _, args, output: change(output))
    try:
        yield
    finally:
        handle.remove()
