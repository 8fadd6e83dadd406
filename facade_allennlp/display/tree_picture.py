"""Attribution trees as pictures and as JSON."""

import io
import json
from pathlib import Path
from typing import Any

import networkx
from matplotlib import rc_context
from matplotlib.figure import Figure

from facade_allennlp.results.files import write_whole

INK, LINE, TOP = "#1b1f24", "#57ab5a", "#1a7f37"


def write_tree(tree: networkx.DiGraph, title: str, folder: Path, number: int) -> None:
    """Makes `NUMBER.svg`, see `tree_figure`, and `NUMBER.json`, see `tree_json`, in `folder`."""
    write_whole(folder / f"{number}.svg", tree_svg(tree, title))
    nested = json.dumps(tree_json(tree), ensure_ascii=False, indent=1)
    write_whole(folder / f"{number}.json", nested + "\n")


def tree_json(tree: networkx.DiGraph) -> dict[str, Any]:
    """
    Nested: `id` (a position), `token`, `layer`, below the top `weight`, and where there are any
    `children`.
    """
    return networkx.tree_data(tree, _top(tree))


def tree_svg(tree: networkx.DiGraph, title: str) -> str:
    """`tree_figure` as a file of its own."""
    figure = tree_figure(tree, title)
    picture = io.StringIO()
    # Without date and random names, so that the same tree gives the same picture.
    with rc_context({"svg.hashsalt": title}):
        figure.savefig(picture, format="svg", metadata={"Date": None})
    return picture.getvalue()


def tree_figure(tree: networkx.DiGraph, title: str) -> Figure:
    """
    Tokens from left to right in the order of the text, each at the height of the layer in which it
    joined; the stronger a connection, the thicker its line.
    """
    places = {node: column for column, node in enumerate(sorted(tree))}
    layers = [tree.nodes[node]["layer"] for node in tree]
    width = max(4.0, 0.4 + 0.85 * len(tree))
    figure = Figure(figsize=(width, 1.3 + 0.55 * (1 + max(layers) - min(layers))))
    axes = figure.add_subplot()
    for parent, child in tree.edges:
        ends = [(places[node], tree.nodes[node]["layer"]) for node in (parent, child)]
        axes.plot(*zip(*ends), color=LINE, linewidth=1 + 3 * tree.nodes[child]["weight"], zorder=1)
    for node in tree:
        top = node == _top(tree)
        axes.text(
            places[node],
            tree.nodes[node]["layer"],
            str(tree.nodes[node]["token"]),
            parse_math=False,  # of which a dollar sign would be the beginning
            color="white" if top else INK,
            ha="center",
            va="center",
            zorder=2,
            bbox={"boxstyle": "round", "facecolor": TOP if top else "white", "edgecolor": LINE},
        )
    axes.set_title(title, fontsize=10, loc="left", parse_math=False)
    axes.set_xlim(-0.7, len(tree) - 0.3)
    axes.set_ylim(min(layers) - 0.6, max(layers) + 0.6)
    axes.set_yticks(sorted(set(layers)), [f"layer {layer + 1}" for layer in sorted(set(layers))])
    axes.set_xticks([])
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(left=False)
    figure.tight_layout()
    return figure


def _top(tree: networkx.DiGraph) -> int:
    return next(node for node, parents in tree.in_degree() if parents == 0)
