"""The population that the audit is tried on: its members, thresholds and figures."""

import itertools
import json
from pathlib import Path
from typing import Any

import pytest
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from facade_allennlp.audit import Evidence
from facade_allennlp.reproduction import Population, Study
from facade_allennlp.reproduction.experiment import read_experiments
from facade_allennlp.reproduction.population import page
from facade_allennlp.reproduction.population.scored import Honest, Scored
from facade_allennlp.reproduction.run import Place
from fixtures import TRAIN, VALIDATION

SHIPPED = Path(__file__).parents[2] / "training_configs"


def row(lies: bool, score: float, half: int = 0, kind: str = "one") -> Scored:
    scores: dict[str, Any] = dict.fromkeys(Evidence.list_available(), score)
    honest = {name: Honest(0.5, 50.0, 10.0) for name in page.NAMES} if lies else {}
    return Scored(kind, f"{score}", half, lies, scores, [], 0.1, honest=honest)


def test_the_area_counts_pairs() -> None:
    assert page.area([0.1, 0.2], [0.3, 0.4]) == 1
    assert page.area([0.1, 0.3], [0.2, 0.3]) == pytest.approx((1 + 0 + 1 + 0.5) / 4)


def test_the_area_is_under_the_curve() -> None:
    honest, lying = [0.1, 0.2, 0.35, 0.4], [0.15, 0.3, 0.5, 0.6]
    points = page.roc_curve(honest, lying)
    area = sum((x2 - x1) * (y1 + y2) / 2 for (x1, y1), (x2, y2) in itertools.pairwise(points))
    assert (points[0], points[-1]) == ((0, 0), (1, 1))
    assert area == pytest.approx(page.area(honest, lying))


def test_thresholds_are_fixed_by_clean_models_alone() -> None:
    rows = [row(False, 0.2), row(False, 0.4), row(True, 0.3), row(True, 0.8)]
    fixed = page.norms(rows)
    thresholds = [norm.threshold for norm in fixed.values()]
    assert thresholds == pytest.approx([0.3 + 5 * 0.02**0.5] * len(fixed))
    assert page.norms(rows[:2]) == fixed


def test_scores_of_unlike_evidence_are_compared_by_what_is_usual() -> None:
    fixed = {"structure": page.Norm(0.5, 0.01), "exchanges": page.Norm(1.0, 0.5)}
    one = Scored("", "", 1, True, {"structure": 0.56, "exchanges": 3.0}, [], 0.0)
    other = Scored("", "", 1, True, {"structure": None, "exchanges": 3.0}, [], 0.0)
    assert page.most(one, fixed) == pytest.approx(6)
    assert page.most(other, fixed) == pytest.approx(4)


def test_the_shipped_population_is_of_the_size_that_it_should_be(tmp_path: Path) -> None:
    ((_, study),) = read_experiments(["audit"], SHIPPED).values()
    assert isinstance(study, Population)
    members = list(study.members(Place(SHIPPED / "audit", tmp_path), 1))
    assert len({(one.kind, one.name) for one in members}) == len(members)
    assert sum(not one.lies for one in members) >= 40
    assert sum(one.lies for one in members) >= 60
    halves = {(one.kind, one.half) for one in members}
    assert halves == {(kind, half) for kind, _ in halves for half in (0, 1)}


def test_what_is_there_is_kept_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = {"reader": "text_classification_json", "train": TRAIN, "validation": VALIDATION}
    config = {
        "type": "population", "title": "Tiny", "texts": 8, "seeds": 4,
        "corpora": {"tiny": corpus}, "networks": {n: [n, "tiny"] for n in ("bert", "lstm")},
    }  # fmt: skip
    study = Study.from_params(Params(config))
    assert isinstance(study, Population)
    place = Place(tmp_path, tmp_path / "runs")
    place.runs.mkdir()
    todo = [one.name for one in study.left(place, 1)]
    made: list[str] = []

    def scored(member: Any, texts: int) -> Scored:
        made.append(member.name)
        if len(made) == 5:
            raise KeyboardInterrupt
        one = row(member.lies, 0.1 + 0.01 * len(made) + member.lies, member.half, member.kind)
        return Scored(**{**vars(one), "name": member.name})

    monkeypatch.setattr("facade_allennlp.reproduction.population.study.scored", scored)
    with pytest.raises(KeyboardInterrupt):
        study.audited(place, 1)
    assert [one.name for one in study.left(place, 1)] == todo[4:]
    rows = study.audited(place, 1)
    assert len(made) == len(todo) + 1
    written = list(study.written(rows, tmp_path / "results", "audit", "the command"))
    assert [path.name for path in written] == ["audit.md", "audit.json", "roc.svg"]
    told, data, picture = (path.read_text(encoding="utf-8") for path in written)
    assert len(json.loads(data)) == len(todo)
    assert "`the command` makes this page" in told
    assert "(audit/roc.svg)" in told
    assert picture.count("<path") > 10
    lines = [line for line in told.splitlines() if line.startswith("| made, dense |")]
    assert lines[0].split(" | ")[4:9] == ["1.00"] * 5


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        ({"bert": ["bert", "tiny"]}, "no network 'lstm'"),
        ({"bert": ["bert", "other"], "lstm": ["lstm", "tiny"]}, "reads 'other'"),
    ],
)
def test_a_population_that_lacks_something(networks: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Population("Tiny", 8, 4, {"tiny": {}}, networks)
