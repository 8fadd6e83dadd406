"""The paper's tables and figures from collected measurements alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.report.collected import Collected, Trained, collect, paper_numbers
from facade_allennlp.report.figures import flip_histograms
from facade_allennlp.report.paper_tables import paper_tables, to_latex, to_markdown
from facade_allennlp.results.checked import to_json

COMMAND = "allennlp reproduce sentiment --seeds 1 2"


def model(accuracy: float, p_at_1: float, agreement: float | None = None) -> dict[str, Any]:
    scores = {"p_at_1": p_at_1, "mean_attribution": p_at_1 / 2}
    per_token = {"token_attribution": 0.0171, "against_mean_token": -12.34}
    made: dict[str, Any] = {
        "archive": "runs/f",
        "instances": 10,
        "accuracy": accuracy,
        "targets": {
            "first_token": {"without": 0, "methods": {"gradient": {**scores, **per_token}}},
            "pronouns": {"without": 3, "methods": {"gradient": {**scores, **per_token}}},
        },
        "attacks": {
            "beam_1": {"without": 0, "stop_percent": p_at_1, "all_stop_percent": 1.0},
            "hotflip": {
                "without": 0,
                "mean_flips": 2.5,
                "flips_percent": {"1": 60.0, "2": p_at_1, "3": None},
            },
        },
    }
    return made if agreement is None else {**made, "agreement": agreement}


@pytest.fixture
def measured(tmp_path: Path) -> dict[str, dict[str, Path]]:
    """Of two seeds predictions on all inputs, and explanations of a part of them."""
    folders: dict[str, dict[str, Path]] = {}
    for seed, p_at_1 in (("seed 1", 20.0), ("seed 2", 40.0)):
        models = {"f": model(90.0, p_at_1), "f_ft": model(89.9, 99.0, 99.55)}
        scores = {
            name: {**of, "instances": 50, "targets": {}, "attacks": {}}
            for name, of in models.items()
        }
        folders[seed] = {}
        for name, measured in (("saliency", models), ("predictions", scores)):
            folder = tmp_path / seed / "results" / name
            folder.mkdir(parents=True)
            summary = {"data": "dev.jsonl", "reference": "f", "models": measured}
            (folder / "summary.json").write_text(json.dumps(summary))
            folders[seed][name] = folder
        trained = tmp_path / seed / "f"
        trained.mkdir()
        (trained / "metrics.json").write_text(
            json.dumps({"training_duration": "0:01:00", "best_epoch": 2, "training_loss": 0.1})
        )
    return folders


def titled(collected: Collected, title: str) -> list[list[str]]:
    (table,) = [table for table in paper_tables(collected) if table.title.startswith(title)]
    return table.texts()


def test_the_papers_numbers_stand_beside_those_of_each_seed(
    measured: dict[str, dict[str, Path]],
) -> None:
    collected = collect("Sentiment", "sentiment", measured, COMMAND)
    table = titled(collected, "P@1 / mean attribution of first token")
    assert table[0] == [
        "model",
        *(f"Gradient: {run}" for run in ("paper", "seed 1", "seed 2")),
        "SmoothGrad: paper",
        "InteGrad: paper",
    ]
    rows = {row[0]: row[1:4] for row in table[1:]}
    assert rows["f"] == ["8.3 / 6.2", "20.0 / 10.0", "40.0 / 20.0"]
    assert rows["f_ft"] == ["99.5 / 67.8", "99.0 / 49.5", "99.0 / 49.5"]
    assert "f_stop" not in rows, "it has no number in this table"


def test_scores_are_those_of_the_most_inputs(measured: dict[str, dict[str, Path]]) -> None:
    collected = collect("T", "sentiment", measured, COMMAND)
    titles = [table.title for table in paper_tables(collected)]
    assert titles[0] == "Accuracy and predictions that are the reference's, % (50 inputs)"
    assert titles[1] == "P@1 / mean attribution of first token, % (10 inputs)"
    rows = titled(collected, "Accuracy")
    assert rows[0] == [
        "model",
        *(f"accuracy: {run}" for run in ("paper", "seed 1", "seed 2")),
        "as reference: seed 1",
        "as reference: seed 2",
    ]
    assert rows[2] == ["f_ft", "92.8", "89.9", "89.9", "99.5", "99.5"]


def test_a_measurement_that_only_the_paper_has_gets_no_table(
    measured: dict[str, dict[str, Path]],
) -> None:
    collected = collect("T", "sentiment", measured, COMMAND)
    assert "reduction_beam_1" in json.dumps(to_json(collected.runs["paper"]))
    assert "Reduction beam 1" not in to_markdown(collected)


def test_slow_methods_stand_in_the_tables_of_quick_ones_with_fewer_inputs(
    measured: dict[str, dict[str, Path]],
) -> None:
    path = measured["seed 1"]["saliency"] / "summary.json"
    quick = json.loads(path.read_text())
    on_target = quick["models"]["f"]["targets"]["first_token"]["methods"]["gradient"]
    shown = {"p_at_1_interval": [15.0, 25.5], "mean_attribution_interval": [9.0, 11.0]}
    for folder, methods, inputs in (("quick", ("gradient", "lrp", "lime"), 10),
                                    ("slow", ("deep_lift", "kernel_shap"), 4)):  # fmt: skip
        models = {
            name: {
                **of,
                "instances": inputs,
                "accuracy": 90.0,
                "seconds": dict.fromkeys(methods, 1.0),
                "attacks": {},
                "targets": {
                    "first_token": {
                        "without": 0,
                        "methods": {method: {**on_target, **shown} for method in methods},
                    }
                },
            }
            for name, of in quick["models"].items()
        }
        (path.parent.parent / folder).mkdir()
        summary = {"data": "dev.jsonl", "reference": "f", "models": models}
        (path.parent.parent / folder / "summary.json").write_text(json.dumps(summary))
    folders = {name: path.parent.parent / name for name in ("quick", "slow")}
    made = ("T", None, {"seed 1": folders}, COMMAND)
    collected = collect(*made, tables={"slow": "quick"}, missing=["made of quick"])
    assert list(collected.runs["seed 1"]) == ["quick"]
    title = "quick: P@1 / mean attribution of first token, % (10 inputs)"
    (table,) = [table for table in paper_tables(collected) if table.title == title]
    assert [row.title for row in table.rows] == [
        *("Gradient", "LRP", "DeepLIFT (4 inputs)", "LIME", "KernelSHAP (4 inputs)")
    ]
    intervals = titled(collected, "quick: 95 % intervals of P@1")
    assert intervals[1][1] == "15.0-25.5 / 9.0-11.0"
    assert "Not measured: made of quick." in to_markdown(collected)
    alone = collect(*made, tables={"slow": "gone"})
    assert list(alone.runs["seed 1"]) == ["quick", "slow"]


def test_a_target_without_methods_gets_no_table(measured: dict[str, dict[str, Path]]) -> None:
    path = measured["seed 1"]["predictions"] / "summary.json"
    summary = json.loads(path.read_text())
    summary["models"]["f"]["targets"] = {"nouns": {"without": 0, "methods": {}}}
    path.write_text(json.dumps(summary))
    assert "nouns" not in to_markdown(collect("T", None, measured, COMMAND))


def test_gender_and_attacks_have_tables(measured: dict[str, dict[str, Path]]) -> None:
    collected = collect("T", None, measured, COMMAND)
    assert titled(collected, "Gender: attribution")[1][1:] == ["0.017", "0.017"]
    assert titled(collected, "Gender: its difference")[1][1:] == ["-12.3", "-12.3"]
    assert titled(collected, "Beam 1")[1][1:] == ["20.0", "40.0", "1.0", "1.0"]
    assert titled(collected, "Hotflip")[1][1:] == ["2.5", "2.5"]


def test_no_path_of_a_machine_is_kept(measured: dict[str, dict[str, Path]]) -> None:
    collected = collect("T", None, measured, COMMAND)
    assert "runs/f" not in json.dumps(to_json(collected))
    assert collected.training["seed 1"] == {"f": Trained("0:01:00", 2)}


def test_how_long_each_model_was_trained(measured: dict[str, dict[str, Path]]) -> None:
    (measured["seed 2"]["saliency"].parent.parent / "f" / "metrics.json").unlink()
    rows = titled(collect("T", None, measured, COMMAND), "Training time")
    assert rows == [["model", "seed 1", "seed 2"], ["f", "0:01:00 / 2", ""]]


def test_markdown_and_latex_hold_every_table(measured: dict[str, dict[str, Path]]) -> None:
    collected = collect("Sentiment & more", "sentiment", measured, COMMAND)
    tables = paper_tables(collected)
    page, source = to_markdown(collected), to_latex(collected)
    assert COMMAND in page
    assert page.count("\n## ") == len(tables) == source.count(r"\begin{tabular}")
    assert r"P@1 / mean" in source
    assert "f\\_ft & 92.8 & 89.9" in source
    assert source.count(r"\\") == sum(len(table.texts()) for table in tables)


def test_histograms_are_drawn_from_the_mean_of_the_seeds(
    measured: dict[str, dict[str, Path]], tmp_path: Path
) -> None:
    collected = collect("T", None, measured, COMMAND)
    paths = flip_histograms(collected, tmp_path)
    assert [path.name for path in paths] == ["saliency-hotflip.png", "saliency-hotflip.svg"]
    assert paths[0].read_bytes().startswith(b"\x89PNG")
    first = paths[1].read_text()
    assert flip_histograms(collected, tmp_path)[1].read_text() == first


def test_an_experiment_that_the_paper_lacks() -> None:
    with pytest.raises(InputError, match="no experiment 'poetry', but sentiment"):
        paper_numbers("poetry")
