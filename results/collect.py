"""
`python results/collect.py [RUNS]`: from the measurements of results/sentiment.sh for each seed
(`RUNS/sentiment-SEED/results/summary.json`) to results/sentiment.json and results/sentiment.md, the
paper's numbers beside ours.
"""

import json
import sys
from pathlib import Path
from typing import Any

from facade_allennlp.analysis.results import write_whole
from facade_allennlp.analysis.tables import TITLES, markdown

HERE = Path(__file__).parent
MODELS = {
    "first_token": ["f", "f_ft", "f_ft-reg", "g_ft", "f_ft-ig"],
    "stop_words": ["f", "f_stop", "f_stop-reg", "g_stop", "f_stop-ig"],
}

METHODS = ("gradient", "smooth_gradient", "integrated_gradients")
SHOWN = ("p_at_1", "mean_attribution")


def main() -> None:
    runs = Path(sys.argv[1] if len(sys.argv) > 1 else "runs")
    seeds = {
        path.parent.parent.name.removeprefix("sentiment-"): json.loads(path.read_text())
        for path in sorted(runs.glob("sentiment-*/results/summary.json"))
    }
    if not seeds:
        sys.exit(f"error: there is no sentiment-SEED/results/summary.json in {runs}")
    for summary in seeds.values():
        summary.pop("data")
        for model in summary["models"].values():
            model.pop("archive")
    paper = json.loads((HERE / "paper.json").read_text())
    collected = {"seeds": seeds, "training": _training(runs, seeds)}
    write_whole(HERE / "sentiment.json", json.dumps(collected, indent=2) + "\n")
    write_whole(HERE / "sentiment.md", render(seeds, paper["sentiment"]))


def render(seeds: dict[str, Any], paper: dict[str, Any]) -> str:
    """The two tables as Markdown."""
    parts = [
        "# Sentiment (SST-2, reference encoder)",
        "",
        "Made by `results/sentiment.sh SEED` for each seed and `python results/collect.py`. "
        "`-ig` are "
        "facades that were trained to fool integrated gradients too; the paper has none.",
        "",
        "## Table 1: accuracy on the validation set, %",
        "",
        markdown(_accuracy(seeds, paper["accuracy"])),
    ]
    for target, models in MODELS.items():
        parts += [
            "",
            f"## Table 2: P@1 / mean attribution of {target.replace('_', ' ')}, %",
            "",
            markdown(_attribution(seeds, paper[target], target, models)),
        ]
    return "\n".join(parts) + "\n"


def _accuracy(seeds: dict[str, Any], paper: dict[str, float]) -> list[list[str]]:
    head = ["model", "paper"]
    for seed in seeds:
        head += [f"seed {seed}", "same prediction as f"]
    table = [head]
    for name in dict.fromkeys(name for models in MODELS.values() for name in models):
        row = [name, _shown(paper.get(name))]
        for summary in seeds.values():
            model = summary["models"].get(name, {})
            row += [_shown(model.get("accuracy")), _shown(model.get("agreement"))]
        table.append(row)
    return table


def _attribution(
    seeds: dict[str, Any], paper: dict[str, Any], target: str, models: list[str]
) -> list[list[str]]:
    head = ["model"]
    for method in METHODS:
        head += [f"{TITLES[method]}: paper", *[f"seed {seed}" for seed in seeds]]
    table = [head]
    for name in models:
        row = [name]
        for method in METHODS:
            row.append(" / ".join(_shown(v) for v in paper.get(name, {}).get(method, [])))
            for summary in seeds.values():
                measured = summary["models"].get(name, {}).get("targets", {}).get(target)
                scores = measured["methods"][method] if measured else {}
                row.append(" / ".join(_shown(scores[name]) for name in SHOWN if scores))
        table.append(row)
    return table


def _training(runs: Path, seeds: dict[str, Any]) -> dict[str, Any]:
    """How long each model was trained, and its best epoch."""
    kept = ("training_duration", "best_epoch")
    return {
        seed: {
            path.parent.name: {
                name: value for name, value in json.loads(path.read_text()).items() if name in kept
            }
            for path in sorted(runs.glob(f"sentiment-{seed}/*/metrics.json"))
        }
        for seed in seeds
    }


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


if __name__ == "__main__":
    main()
