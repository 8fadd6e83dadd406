"""results/collect.py is a script, so no other test would notice that it no longer runs."""

import json
import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "results" / "collect.py"


def test_it_sets_the_papers_numbers_beside_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = {"p_at_1": 12.34, "mean_attribution": 5.67}
    model = {
        "archive": "f",
        "accuracy": 89.99,
        "targets": {"first_token": {"methods": {"gradient": measured}}},
    }
    for method in ("smooth_gradient", "integrated_gradients"):
        model["targets"]["first_token"]["methods"][method] = measured  # type: ignore[index]
    folder = tmp_path / "runs" / "sentiment-7" / "results"
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps({"data": "x", "models": {"f": model}}))
    copy = tmp_path / "collect.py"
    copy.write_text(SCRIPT.read_text())
    (tmp_path / "paper.json").write_text(SCRIPT.with_name("paper.json").read_text())
    monkeypatch.setattr("sys.argv", ["collect.py", str(tmp_path / "runs")])

    runpy.run_path(str(copy), run_name="__main__")

    table = (tmp_path / "sentiment.md").read_text()
    assert "| f | 92.7 | 90.0 |  |" in table
    assert "| f | 8.3 / 6.2 | 12.3 / 5.7 | 7.9 / 6.0 |" in table
    assert json.loads((tmp_path / "sentiment.json").read_text())["training"] == {"7": {}}
