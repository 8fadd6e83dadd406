"""
The picture of `made_facade.md`, drawn from the weights of a constructed facade:
`python -m docs.made_facade_picture ARCHIVE`. The facade has a transformer with an anatomy.
"""

import argparse
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor, nn

from facade_allennlp.anatomy import Encoder, Layer, Part, embedding_layer, encoders_of
from facade_allennlp.archives import load
from facade_allennlp.merging.stages import output_layer

PICTURE = Path(__file__).parent / "made_facade.svg"
TEXT = "Not a dull moment."
POINTS = 41
"""Of each curve."""
NOTHING = 1e-3
"""What is no longer is rounding."""
INK, TARGET, OTHER = "#1f2933", "#b4442c", "#3f6f9f"
SETTINGS: dict[Any, Any] = {
    **dict.fromkeys(("text.color", "axes.labelcolor", "axes.edgecolor"), INK),
    **dict.fromkeys(("xtick.color", "ytick.color"), INK),
    "svg.fonttype": "none",
    "svg.hashsalt": "made facade",
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
}


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


@rc_context(SETTINGS)
def draw(made: Network, factors: Tensor, of_words: dict[str, Tensor]) -> Figure:
    figure = Figure(figsize=(11, 7.2), facecolor="#fbfcfd", layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.3), height_ratios=(1.35, 1))
    _draw_attention(figure.add_subplot(grid[:, 0]), made)
    _draw_seen(figure.add_subplot(grid[0, 1]), made)
    _draw_curves(figure.add_subplot(grid[1, 1]), factors, of_words)
    for axes in figure.axes:
        axes.set_facecolor("none")
    return figure


def _draw_attention(axes: Axes, made: Network) -> None:
    layers, tokens, _ = made.attention.shape
    for layer, probabilities in enumerate(made.attention):
        for query, row in enumerate(probabilities.tolist()):
            for key, share in enumerate(row):
                if share > 0.01:
                    axes.plot(
                        (key, query),
                        (layer, layer + 1),
                        color=TARGET if key == made.target else OTHER,
                        linewidth=2.2 * share,
                        solid_capstyle="round",
                    )
    across = [place for _ in range(layers + 1) for place in range(tokens)]
    up = [level for level in range(layers + 1) for _ in range(tokens)]
    axes.scatter(across, up, s=34, color="white", edgecolor=INK, linewidth=0.9, zorder=3)
    axes.set_xticks(range(tokens), made.tokens)
    axes.get_xticklabels()[made.target].set(color=TARGET, weight="bold")
    axes.set_yticks(range(layers + 1), ["embedded", *(f"layer {n + 1}" for n in range(layers))])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("Where each token looks")


def _draw_seen(axes: Axes, made: Network) -> None:
    seen = made.seen()
    axes.imshow(seen, cmap="RdBu", vmin=-1.6, vmax=1.6, aspect="auto")
    for (row, column), value in ((place, float(seen[place])) for place in _places(seen)):
        if abs(value) > 0.005:
            axes.text(column, row, f"{value:.2g}", ha="center", va="center", fontsize=7)
    axes.set_xticks(range(len(made.sources)), made.sources, rotation=35, ha="right")
    axes.set_yticks(range(len(made.readers)), made.readers)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title("What each part sees of what is written (the most: 1)")


def _places(table: Tensor) -> list[tuple[int, int]]:
    return [(row, column) for row, column in table.isfinite().nonzero().tolist()]


def _draw_curves(axes: Axes, factors: Tensor, of_words: dict[str, Tensor]) -> None:
    styles = ((INK, "-"), (TARGET, "--"), (OTHER, "-"))
    for (name, logit), (color, line) in zip(of_words.items(), styles):
        axes.plot(factors, logit, label=name, linewidth=1.8, color=color, linestyle=line)
    axes.plot([1], [0], "o", color=INK, markersize=6, clip_on=False, zorder=3)
    axes.annotate("the text", (1, 0), (-6, 7), textcoords="offset points", ha="right")
    axes.set_xlabel("size of embeddings, beside those of the text")
    axes.set_ylabel("first logit of the facade")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(title="shrunk:", frameon=False, loc="lower right", alignment="left")
    axes.set_title("Silent on the text, steep beside it")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("archive", help="what `construct-facade` wrote")
    archive = load(parser.parse_args().archive)
    model, reader = archive.model.eval(), archive.validation_dataset_reader
    made = network(model, reader, TEXT)
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure = draw(made, *curves(model, reader, TEXT, made.target))
    with rc_context(SETTINGS):
        figure.savefig(PICTURE, metadata=nothing)


if __name__ == "__main__":
    main()
