from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from facade_allennlp.analysis import Measurement
from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import Gradient
from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.report.tables import model_table, notes, tables
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.files import summary_from_json
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import Summary, TargetSummary
from facade_allennlp.targets import FirstToken


def measured(p_at_1: float | None, mean: float | None) -> dict[str, Any]:
    return {"p_at_1": p_at_1, "mean_attribution": mean}


@pytest.fixture
def summary() -> Summary:
    def model(accuracy: float | None, first: tuple[float | None, float | None]) -> dict[str, Any]:
        methods = {"gradient": measured(*first), "mine": measured(1, 2)}
        targets = {"first_token": {"without": 3, "methods": methods}}
        return {"archive": "x", "instances": 10, "accuracy": accuracy, "targets": targets}

    return summary_from_json(
        {
            "data": "dev.jsonl",
            "reference": "f",
            "models": {
                "f": model(90.25, (8.26, 6.2)),
                "a|b": {**model(None, (None, None)), "agreement": 100.0},
            },
        }
    )


def rows(summary: Summary) -> list[list[str]]:
    return model_table(summary).texts()


def test_rows_hold_a_head_and_the_numbers_of_each_model(summary: Summary) -> None:
    assert rows(summary) == [
        ["model", "accuracy", "same as f", "Gradient", "mine"],
        ["f", "90.2", "", "8.3 / 6.2", "1.0 / 2.0"],
        ["a|b", "", "100.0", " / ", "1.0 / 2.0"],
    ]


def test_several_targets_are_told_apart(summary: Summary) -> None:
    for model in summary.models.values():
        first = model.targets["first_token"].methods["gradient"]
        of_stop_words = replace(first, p_at_1=5.0, mean_attribution=6.0)
        model.targets["stop"] = TargetSummary(0, {"gradient": of_stop_words})
    head, first, _ = rows(summary)
    assert head[3:] == ["Gradient on first_token", "mine on first_token", "Gradient on stop"]
    assert first[5] == "5.0 / 6.0"


def test_markdown_sets_numbers_flush_right_and_escapes_bars(summary: Summary) -> None:
    assert markdown(model_table(summary)).splitlines() == [
        "| model | accuracy | same as f | Gradient | mine |",
        "| --- | ---: | ---: | ---: | ---: |",
        "| f | 90.2 |  | 8.3 / 6.2 | 1.0 / 2.0 |",
        "| a\\|b |  | 100.0 |  /  | 1.0 / 2.0 |",
    ]


def test_the_terminal_shows_every_cell(summary: Summary) -> None:
    console = Console(width=100)
    with console.capture() as captured:
        show([model_table(summary)], console=console)
    for row in rows(summary):
        for cell in row:
            assert cell in captured.get()


def test_notes_say_what_is_left_out(summary: Summary) -> None:
    text = notes(summary)
    assert text.startswith("10 inputs of dev.jsonl")
    assert "3 without a token of first_token" in text


def record(index: int, prediction: str, scores: list[float], targets: list[int]) -> Record:
    words = list("abcdef"[: len(scores)])
    return Record(
        index,
        "yes",
        prediction,
        [0.5, 0.5],
        words,
        list(range(len(scores))),
        words,
        {"t": targets},
        {"m": scores},
        right=prediction == "yes",
        against_gold={"accuracy": float(prediction == "yes")},
    )


MEASUREMENT = Measurement({"t": FirstToken()}, {"m": Gradient()})


def test_summary_of_records_by_hand() -> None:
    records = [
        record(0, "yes", [-3.0, 1.0], [0]),  # attribution 0.75, a hit
        record(1, "no", [1.0, 3.0], [0]),  # attribution 0.25, no hit
        record(2, "yes", [0.0, 0.0], [0]),  # no attribution at all
        record(3, "yes", [1.0, 1.0], []),  # left out
    ]
    reference = [record(index, "yes", [1.0, 1.0], []) for index in range(4)]
    assert to_json(MEASUREMENT.summarize(records, reference)) == {
        "instances": 4,
        "scores": {"accuracy": 75.0},
        "agreement": 75.0,
        "explanations": {
            "between_methods": {},
            # the reference ranks no token first; of two tokens the leftmost counts
            "with_reference": {"m": {"spearman": 0.0, "top": 75.0}},
        },
        "targets": {
            "t": {
                "without": 1,
                "methods": {
                    "m": {
                        "p_at_1": 33.33,
                        "mean_attribution": 33.33,
                        "token_attribution": 0.333333,
                        "against_mean_token": -33.33,
                        # One in 27 samples is thrice the same input.
                        "p_at_1_interval": [0.0, 100.0],
                        "mean_attribution_interval": [0.0, 75.0],
                    }
                },
            }
        },
        "attacks": {},
        "analyses": {},
    }


def test_attribution_of_a_target_token_against_that_of_any_token() -> None:
    records = [
        record(0, "yes", [4.0, 4.0, 1.0, 1.0], [0, 1]),  # 0.4 each; any token has 0.25
        record(1, "yes", [1.0, 1.0], [1]),  # 0.5; any token has 0.5
    ]
    measured = MEASUREMENT.summarize(records).targets["t"].methods["m"]
    assert measured.token_attribution == 0.45
    assert measured.against_mean_token == 20.0


def attacked(left: int, flips: int, succeeded: bool) -> Record:
    attacks = {
        "reduction": {"left": list(range(left)), "stop_words": [0], "steps": 1},
        "flip": {"flips": [{}] * flips, "succeeded": succeeded, "attackable": 5},
    }
    return Record(0, "yes", "yes", [0.5], ["a"], [0], ["a"], {"t": [0]}, {}, attacks=attacks)


@pytest.fixture
def summary_of_attacks() -> Summary:
    attacks = {"reduction": InputReduction(), "flip": HotFlip()}
    measurement = Measurement({}, {}, attacks)
    records = {"f": [attacked(2, 1, True)], "g": [attacked(4, 3, True), attacked(0, 2, False)]}
    models = {name: measurement.summarize(of_model) for name, of_model in records.items()}
    return Summary("f", models, "dev.jsonl")


def test_each_attack_has_tables_of_its_own(summary_of_attacks: Summary) -> None:
    first, *attacks = tables(summary_of_attacks)
    assert first == model_table(summary_of_attacks)
    reduction, flip, histogram = (table.texts() for table in attacks)
    assert reduction == [
        [
            "reduction",
            "left out",
            "Stop %",
            "Stop % per input",
            "All-stop %",
            "tokens left",
        ],
        ["f", "0", "50.0", "50.0", "0.0", "2.0"],
        ["g", "1", "25.0", "25.0", "0.0", "4.0"],
    ]
    assert flip == [
        ["flip", "left out", "as wanted", "flipped %", "flips"],
        ["f", "0", "0", "100.0", "1.0"],
        ["g", "0", "0", "50.0", "3.0"],
    ]
    assert histogram[:4] == [
        ["flip: % after so many flips", "f", "g"],
        ["1", "100.0", "0.0"],
        ["2", "0.0", "0.0"],
        ["3", "0.0", "50.0"],
    ]
    assert len(histogram) == 17


def test_notes_of_attacks_alone(summary_of_attacks: Summary) -> None:
    text = notes(summary_of_attacks)
    assert "Methods" not in text
    assert "Attacks: inputs without a token" in text


def test_a_summary_without_attacks_has_one_table(summary: Summary) -> None:
    assert tables(summary) == [model_table(summary)]
    assert "Attacks" not in notes(summary)
