"""An analysis that a plugin adds is measured, kept, summarized and shown as those that ship."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from allennlp.common import Params

from facade_allennlp.report.page import render
from facade_allennlp.report.tables import tables
from facade_allennlp.reproduction import Experiment
from facade_allennlp.reproduction.run import Place, steps
from facade_allennlp.results.files import read_summary
from facade_allennlp.results.records_file import read
from fixtures import VALIDATION
from tests.commands.conftest import Command
from tests.plugin.analysis import Spread

CONFIG = '{"type": "spread", "base": 10}'


@pytest.fixture
def results(archives: dict[str, str], tmp_path: Path, command: Command) -> Path:
    assert Spread  # registered
    measured = command(
        "measure", archives["f"], archives["f_ft"], "--data", VALIDATION, "--target", "first_token",
        "--methods", "gradient", "gradient_input", "--analyses", f"decimal={CONFIG}", "spread",
        "--limit", 3, "--output", tmp_path / "results",
    )  # fmt: skip
    assert measured.status == 0, measured.err
    assert "decimal: entropy" in measured.out
    return tmp_path / "results"


def test_its_rows_stand_in_the_records_and_their_means_in_the_summary(results: Path) -> None:
    summary = read_summary(results)
    for model in ("f", "f_ft"):
        header, records = read(results / f"{model}.records.jsonl")
        assert header.settings.analyses == {"decimal": json.loads(CONFIG), "spread": "spread"}
        for method in ("gradient", "gradient_input"):
            entropies = []
            for record in records:
                shares = [share for share in record.attribution(method) if share]
                entropies.append(-sum(share * math.log10(share) for share in shares))
                kept = record.analyses["decimal"][method]
                assert kept == pytest.approx(entropies[-1], abs=1e-4)
                bits = record.analyses["spread"][method]
                assert bits == pytest.approx(entropies[-1] / math.log10(2), abs=1e-3)
            part = summary.models[model].analyses["decimal"]
            assert part[method] == pytest.approx(sum(entropies) / 3, abs=1e-4)


def test_its_tables_are_shown_by_commands_that_do_not_know_it(results: Path) -> None:
    spread = read_summary(results).models["f_ft"].analyses["spread"]
    script = (
        "import sys; from facade_allennlp.__main__ import main; "
        f"sys.argv = ['facade', 'table', {str(results)!r}, '--format', 'markdown']; main(); "
        "assert 'tests.plugin.analysis' not in sys.modules"
    )
    shown = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    lines = shown.stdout.decode().splitlines()
    assert "| decimal: entropy | gradient | gradient_input |" in lines
    cells = " | ".join(f"{spread[method]:.2f}" for method in ("gradient", "gradient_input"))
    assert f"| f_ft | {cells} |" in lines


def test_the_report_shows_it_narrowed_to_what_is_asked_for(results: Path) -> None:
    page = render(results, ["f_ft"], ["gradient_input"])
    shown = page[page.index("decimal: entropy") :]
    head = shown[: shown.index("</thead>")]
    assert "gradient_input" in head
    assert 'col">gradient<' not in head
    assert "<dt>Analysis decimal</dt><dd><code>{&#34;type&#34;: &#34;spread&#34;" in page
    assert "--analyses" in page
    whole = tables(read_summary(results))[-2]
    assert [column.method for column in whole.columns] == ["gradient", "gradient_input"]


def test_an_experiment_names_it_in_a_line(tmp_path: Path) -> None:
    measurement = {
        "models": ["f"],
        "targets": {},
        "methods": {},
        "analyses": {"decimal": json.loads(CONFIG)},
    }
    experiment = Experiment.from_params(
        Params(
            {
                "title": "T",
                "train": {"f": {"config": "f.jsonnet"}},
                "merge": {},
                "measure": {"m": measurement},
            }
        )
    )
    (tmp_path / "f.jsonnet").write_text('{"validation_data_path": "dev.jsonl"}')
    arguments = steps(experiment, Place(tmp_path, tmp_path / "runs" / "t" / "1"), 1)[-1].arguments
    assert arguments[arguments.index("--analyses") + 1] == f"decimal={CONFIG}"
