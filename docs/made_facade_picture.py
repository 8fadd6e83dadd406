"""
The picture of `made_facade.md`, drawn from the weights of a constructed facade:
`python -m docs.made_facade_picture ARCHIVE`. The facade has a transformer with an anatomy.
"""

import argparse
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor

from docs.made_facade_network import Network, curves, network
from facade_allennlp.archives import load

PICTURE = Path(__file__).parent / "made_facade.svg"
TEXT = "Not a dull moment."
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
