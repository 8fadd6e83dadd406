"""Tables of a summary: for the terminal and as Markdown."""

from collections.abc import Iterator, Sequence
from typing import Any, Optional

from rich.table import Table

TITLES = {
    "gradient": "Gradient",
    "smooth_gradient": "SmoothGrad",
    "integrated_gradients": "InteGrad",
    "gradient_input": "Gradient × input",
    "gradient_sensitivity": "Gradient sensitivity",
    "lrp": "LRP",
    "attn_lrp": "AttnLRP",
    "attention_tracing": "Attention tracing",
    "attention_attribution": "Attention attribution",
    "layer_integrated_gradients": "InteGrad of the logit",
    "gradient_shap": "GradientSHAP",
    "deep_lift": "DeepLIFT",
    "feature_ablation": "Feature ablation",
    "lime": "LIME",
    "kernel_shap": "KernelSHAP",
    "random": "random order",
    "without": "left out",
    "stop_percent": "Stop %",
    "mean_stop_percent": "Stop % per input",
    "all_stop_percent": "All-stop %",
    "mean_left": "tokens left",
    "as_wanted": "as wanted",
    "flipped_percent": "flipped %",
    "mean_flips": "flips",
    "flips_percent": "% after so many flips",
}
"""Of methods, and of the numbers of attacks."""

FAITHFULNESS = ("comprehensiveness", "sufficiency", "left_out")

SCORES = {"accuracy": "accuracy", "exact_match": "EM", "f1": "F1"}
"""How well a model does its task."""


def rank(name: str) -> int:
    """The place among the titles; what has none comes last."""
    return list(TITLES).index(name) if name in TITLES else len(TITLES)


def tables(summary: dict[str, Any]) -> list[list[list[str]]]:
    """`rows`, and the tables of likeness, of each attack and of faithfulness."""
    attacks = (table for name in _attacks(summary) for table in _of(summary, name))
    return [rows(summary), *_likeness(summary), *attacks, *_faithfulness(summary)]


def rows(summary: dict[str, Any]) -> list[list[str]]:
    """
    A head and a row per model: accuracy, agreement with the reference, and for each target and
    method P@1 / mean attribution, all in percent.
    """
    models = summary["models"]
    columns = [
        (target, method)
        for target, measured in next(iter(models.values()))["targets"].items()
        for method in measured["methods"]
    ]
    several = len({target for target, _ in columns}) > 1
    scores = [name for name in SCORES if name in next(iter(models.values()))]
    head = ["model", " / ".join(SCORES[name] for name in scores), f"same as {summary['reference']}"]
    head += [
        TITLES.get(method, method) + (f" on {target}" if several else "")
        for target, method in columns
    ]
    table = [head]
    for name, model in models.items():
        row = [name, " / ".join(number(model[score]) for score in scores)]
        row.append(number(model.get("agreement")))
        for target, method in columns:
            measured = model["targets"][target]["methods"][method]
            row.append(_pair(measured, "p_at_1", "mean_attribution"))
        table.append(row)
    return table


def _likeness(summary: dict[str, Any]) -> Iterator[list[list[str]]]:
    """A row per model: for each method how alike its explanations are to those of the reference."""
    measured = _with_reference(summary)
    if measured:
        methods = list(next(iter(measured.values())))
        yield [
            [
                f"explanations as {summary['reference']}'s",
                *(TITLES.get(method, method) for method in methods),
            ],
            *(
                [name, *(_pair(found[method], "spearman", "top") for method in methods)]
                for name, found in measured.items()
            ),
        ]


def _with_reference(summary: dict[str, Any]) -> dict[str, Any]:
    return {
        name: model["explanations"]["with_reference"]
        for name, model in summary["models"].items()
        if "with_reference" in model.get("explanations", {})
    }


def _pair(found: dict[str, Any], *numbers: str) -> str:
    return " / ".join(number(found[of]) for of in numbers)


def _attacks(summary: dict[str, Any]) -> list[str]:
    return list(next(iter(summary["models"].values())).get("attacks", {}))


def _of(summary: dict[str, Any], attack: str) -> Iterator[list[list[str]]]:
    """
    The tables of an attack: a row per model with its numbers, and for each mapping of numbers a row
    per entry with the models side by side.
    """
    measured = {name: model["attacks"][attack] for name, model in summary["models"].items()}
    first = next(iter(measured.values()))
    mappings = [name for name, value in first.items() if isinstance(value, dict)]
    columns = [name for name in first if name not in mappings]
    yield [
        [attack, *(TITLES.get(column, column) for column in columns)],
        *(
            [name, *(_count_or_number(numbers[column]) for column in columns)]
            for name, numbers in measured.items()
        ),
    ]
    for mapping in mappings:
        yield [
            [f"{attack}: {TITLES.get(mapping, mapping)}", *measured],
            *(
                [
                    entry,
                    *(_count_or_number(of_model[mapping][entry]) for of_model in measured.values()),
                ]
                for entry in first[mapping]
            ),
        ]


def _faithfulness(summary: dict[str, Any]) -> Iterator[list[list[str]]]:
    """
    A row per method with its numbers on each model; and for each model the accuracy, without gold
    labels the share that is predicted as before, while the first tokens are taken out.
    """
    measured = {
        name: model["faithfulness"]["methods"]
        for name, model in summary["models"].items()
        if "faithfulness" in model
    }
    if not measured:
        return
    methods = list(next(iter(measured.values())))
    yield [
        ["comprehensiveness / sufficiency / left out", *measured],
        *(
            [
                TITLES.get(method, method),
                *(_pair(of_model[method], *FAITHFULNESS) for of_model in measured.values()),
            ]
            for method in methods
        ),
    ]
    for name, of_model in measured.items():
        curves = {method: of_model[method]["curve"] for method in methods}
        first: list[dict[str, Any]] = next(iter(curves.values()), [])
        labelled = any(point["accuracy"] is not None for point in first)
        counted, title = ("accuracy", "accuracy") if labelled else ("as_before", "as before")
        yield [
            [f"{name}: {title} without % of tokens", *(f"{point['share']:g}" for point in first)],
            *(
                [TITLES.get(method, method), *(number(point[counted]) for point in curve)]
                for method, curve in curves.items()
            ),
        ]


def notes(summary: dict[str, Any]) -> str:
    """What the numbers are, and how many instances they leave out."""
    first = next(iter(summary["models"].values()))
    text = f"{first['instances']} inputs of {summary['data']}."
    if any(measured["methods"] for measured in first["targets"].values()):
        without = ", ".join(
            f"{measured['without']} without a token of {target}"
            for target, measured in first["targets"].items()
        )
        text += (
            " Methods: P@1 / mean attribution of the target tokens in %, inputs without one left "
            f"out ({without})."
        )
    if _with_reference(summary):
        text += (
            " Likeness of explanations: rank correlation of the tokens / share of the first five "
            "tokens that is the same, in %."
        )
    if "faithfulness" in first:
        text += (
            " Comprehensiveness and sufficiency in points of the class's probability, left out: "
            "rank correlation with leave-one-out, times 100; inputs with fewer than two tokens to "
            f"take out left out ({first['faithfulness']['without']})."
        )
    if _attacks(summary):
        text += " Attacks: inputs without a token that may be attacked are left out."
    return text


def markdown(table: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first row is the head, numbers are set flush right."""
    head, *body = [[cell.replace("|", "\\|") for cell in row] for row in table]
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def terminal(table: Sequence[Sequence[str]]) -> Table:
    """For rich's console."""
    head, *body = table
    drawn = Table()
    for place, title in enumerate(head):
        drawn.add_column(title, justify="right" if place else "left")
    for row in body:
        drawn.add_row(*row)
    return drawn


def number(value: Optional[float]) -> str:
    """With one digit after the point; empty where there is none."""
    return "" if value is None else f"{round(value, 1) + 0.0:.1f}"  # no -0.0


def _count_or_number(value: Optional[float]) -> str:
    return str(value) if isinstance(value, int) else number(value)
