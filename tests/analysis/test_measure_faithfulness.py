from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.errors import InputError
from facade_allennlp.report.renderers import markdown
from facade_allennlp.report.tables import notes, tables
from tests.analysis.conftest import DataFile
from tests.analysis.measuring import records_of, run

SETTINGS: dict[str, Any] = {"faithfulness": {"shares": [0.2, 0.5]}}


def test_the_summary_has_the_means_of_the_records(archives: dict[str, str], tmp_path: Path) -> None:
    summary = run({name: archives[name] for name in ("f", "f_ft")}, tmp_path, **SETTINGS)
    for name in ("f", "f_ft"):
        found = summary.models[name].faithfulness
        assert found is not None
        records = records_of(tmp_path, name)
        counted = [(r, r.faithfulness) for r in records if r.faithfulness]
        assert found.without == len(records) - len(counted)
        for method in ("gradient", "random"):
            of_inputs = [(r, f.whole, f.methods[method]) for r, f in counted]
            numbers = found.methods[method]
            assert numbers.comprehensiveness == pytest.approx(
                100 * fmean(whole - fmean(m.without) for _, whole, m in of_inputs), abs=0.01
            )
            assert numbers.sufficiency == pytest.approx(
                100 * fmean(whole - fmean(m.only) for _, whole, m in of_inputs), abs=0.01
            )
            right = [m.predicted[1] == record.gold for record, _, m in of_inputs]
            assert numbers.curve[1].accuracy == pytest.approx(100 * fmean(right), abs=0.01)
        for record, faithfulness in counted:
            assert faithfulness.whole == pytest.approx(max(record.probabilities), abs=1e-5)


def test_records_do_not_depend_on_the_size_of_batches(
    archives: dict[str, str], tmp_path: Path
) -> None:
    for size in (1, 4096):
        run({"f": archives["f"]}, tmp_path / str(size), max_batch_tokens=size, **SETTINGS)
    for ours, theirs in zip(
        *(records_of(tmp_path / str(size), "f") for size in (1, 4096)), strict=True
    ):
        assert ours.faithfulness is not None
        assert theirs.faithfulness is not None
        for method, found in ours.faithfulness.methods.items():
            expected = theirs.faithfulness.methods[method].without
            assert found.without == pytest.approx(expected, abs=1e-4)


def test_a_text_of_one_token_is_left_out(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    summary = run(
        {"f": archives["f"]}, tmp_path / "out", data_file("a lovely film", "film"), **SETTINGS
    )
    faithfulness = summary.models["f"].faithfulness
    assert faithfulness is not None
    assert faithfulness.without == 1
    assert [r.faithfulness is None for r in records_of(tmp_path / "out", "f")] == [False, True]


def test_the_tables_show_every_method_and_the_random_order(
    archives: dict[str, str], tmp_path: Path
) -> None:
    summary = run({name: archives[name] for name in ("f", "f_ft")}, tmp_path, **SETTINGS)
    shown = [markdown(table) for table in tables(summary)]
    model = summary.models["f_ft"]
    assert model.faithfulness is not None
    gradient = model.faithfulness.methods["gradient"]
    numbers = [gradient.comprehensiveness, gradient.sufficiency, gradient.left_out]
    (means,) = (table for table in shown if "sufficiency" in table)
    assert " / ".join(f"{number:.1f}" for number in numbers) in means
    assert [line.split(" | ")[0] for line in means.splitlines()[2:]] == [
        "| Gradient",
        "| random order",
    ]
    (curve,) = (table for table in shown if "f_ft: accuracy without" in table)
    assert curve.splitlines()[0].endswith("| 20 | 50 |")
    assert model.explanations is not None
    assert model.explanations.with_reference is not None
    likeness = model.explanations.with_reference["gradient"]
    (alike,) = (table for table in shown if "explanations as f's" in table)
    assert f"{likeness.spearman:.1f} / {likeness.top:.1f}" in alike
    assert "leave-one-out" in notes(summary)


def test_faithfulness_needs_a_method(archives: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="faithfulness is that of methods"):
        run({"f": archives["f"]}, tmp_path, methods={}, **SETTINGS)


def test_other_shares_are_other_settings(archives: dict[str, str], tmp_path: Path) -> None:
    run({"f": archives["f"]}, tmp_path, **SETTINGS)
    with pytest.raises(InputError, match=r"other settings \(faithfulness\)"):
        run({"f": archives["f"]}, tmp_path, faithfulness={"shares": [0.2]})
