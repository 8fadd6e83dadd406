from typing import Any

from facade_allennlp.report.collected import Collected
from facade_allennlp.report.paper_tables import paper_tables, to_markdown
from facade_allennlp.report.quantities import method_tables, table_of_method
from facade_allennlp.results.files import summary_from_json
from facade_allennlp.results.summary import ModelSummary

METHODS = ["lrp", "gradient", "lime", "smooth_gradient", "mine"]


def model(start: float, **more: Any) -> dict[str, Any]:
    methods = {
        name: {"p_at_1": start + place, "mean_attribution": 1.0}
        for place, name in enumerate(METHODS)
    }
    return {
        "instances": 7,
        "accuracy": 90.0,
        "targets": {"first_token": {"without": 0, "methods": methods}},
        **more,
    }


def faithfulness(value: float) -> dict[str, Any]:
    numbers = {
        "comprehensiveness": value,
        "sufficiency": None,
        "left_out": -value,
        "curve": [],
    }
    return {"without": 0, "methods": dict.fromkeys([*METHODS, "random"], numbers)}


def read(**models: dict[str, Any]) -> dict[str, ModelSummary]:
    return summary_from_json({"models": models}).models


def collected(*seeds: dict[str, Any]) -> Collected:
    runs = {
        f"seed {number}": {"sentiment": summary_from_json({"reference": "f", "models": models})}
        for number, models in enumerate(seeds, start=1)
    }
    return Collected("Methods", "...", runs, {})


def test_methods_are_rows_in_the_order_of_titles() -> None:
    (table,) = method_tables(read(f=model(10), f_ft=model(90)))
    assert table.title == "P@1 / mean attribution of first token, %"
    assert table.texts() == [
        ["method", "f", "f_ft"],
        ["Gradient", "11.0 / 1.0", "91.0 / 1.0"],
        ["SmoothGrad", "13.0 / 1.0", "93.0 / 1.0"],
        ["LRP", "10.0 / 1.0", "90.0 / 1.0"],
        ["LIME", "12.0 / 1.0", "92.0 / 1.0"],
        ["mine", "14.0 / 1.0", "94.0 / 1.0"],
    ]


def test_faithfulness_likeness_and_time_have_tables() -> None:
    alike = {
        "between_methods": {},
        "with_reference": {name: {"spearman": 50, "top": 20} for name in METHODS},
    }
    seconds = {name: 2.0 if name == "gradient" else 5.0 for name in METHODS}
    models = read(
        f=model(10, faithfulness=faithfulness(3), seconds=seconds),
        f_ft=model(90, faithfulness=faithfulness(4), explanations=alike),
    )
    _, faithful, likeness, time = (table.texts() for table in method_tables(models))
    assert faithful[1] == ["Gradient", "3.0 /  / -3.0", "4.0 /  / -4.0"]
    assert faithful[-1][0] == "random order"
    assert likeness[0] == ["method", "f_ft"]
    assert likeness[1] == ["Gradient", "50.0 / 20.0"]
    assert time[0] == ["method", "f"]
    assert time[3] == ["LRP", "5.0 / 2.5"]


def test_many_methods_have_tables_of_their_own_among_the_papers() -> None:
    titles = [table.title for table in paper_tables(collected({"f": model(10)}))]
    assert titles == [
        "sentiment: accuracy and predictions that are the reference's, % (7 inputs)",
        "sentiment: P@1 / mean attribution of first token, % (7 inputs)",
    ]
    two = collected({"f": model(10)}, {"f": model(20)})
    assert "| method | f: seed 1 | f: seed 2 |" in to_markdown(two)


def test_each_measurement_of_methods_tells_the_models_accuracy() -> None:
    both = collected({"f": model(10)})
    nli = {"reference": "f", "models": {"f": model(20, accuracy=70.0)}}
    both.runs["seed 1"]["nli"] = summary_from_json(nli)
    accuracies = {
        table.title.split(":")[0]: table.texts()[1][1]
        for table in paper_tables(both)
        if "accuracy" in table.title
    }
    assert accuracies == {"sentiment": "90.0", "nli": "70.0"}


def test_one_methods_table_has_the_models_as_rows() -> None:
    models = read(f=model(10, faithfulness=faithfulness(3)), f_ft=model(90))
    assert table_of_method(models, "lime").texts() == [
        [
            "model",
            "P@1 / mean attribution of first token, %",
            "Comprehensiveness / sufficiency / leave-one-out correlation, × 100",
        ],
        ["f", "12.0 / 1.0", "3.0 /  / -3.0"],
        ["f_ft", "92.0 / 1.0", ""],
    ]
    assert table_of_method(models, "unknown").columns == []
