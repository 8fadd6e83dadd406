import json
from pathlib import Path

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.archives import load
from facade_allennlp.predictors import ExplainingPredictor, many_inputs
from facade_allennlp.predictors.many_inputs import explain_inputs, explained_parts

TEXTS = ["a lovely film", "the plot was dull", "dull"]
INPUTS = [{"sentence": text} for text in TEXTS]


@pytest.fixture(scope="module")
def predictor(archives: dict[str, str]) -> ExplainingPredictor:
    archive = load(archives["f"])
    return ExplainingPredictor(archive.model, archive.validation_dataset_reader)


def test_many_inputs_are_explained_as_each_by_itself(
    predictor: ExplainingPredictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_inputs, "AT_ONCE", 2)
    explanations = explain_inputs(predictor, INPUTS, trees=tmp_path / "new" / "trees")
    for number, (entry, explanation) in enumerate(zip(INPUTS, explanations, strict=True), start=1):
        (alone,) = predictor.explain([entry])
        assert explanation.text.words == entry["sentence"].split()
        assert explanation.explained_class == alone.explained_class
        scores = explanation.methods["gradient"].scores
        assert scores == pytest.approx(alone.methods["gradient"].scores, abs=1e-6)
        tree = json.loads((tmp_path / "new" / "trees" / f"{number}.json").read_text())
        assert tree["token"] == explanation.text.tokens[tree["id"]]
        picture = (tmp_path / "new" / "trees" / f"{number}.svg").read_text()
        assert picture.startswith("<?xml")
    assert len(list((tmp_path / "new" / "trees").iterdir())) == 2 * len(INPUTS)


def test_no_input_is_explained_where_one_lacks_its_text(
    predictor: ExplainingPredictor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_inputs, "AT_ONCE", 1)
    with pytest.raises(ConfigurationError, match="input 2: an input needs 'sentence'"):
        explain_inputs(predictor, [INPUTS[0], {"text": "dull"}], trees=tmp_path / "trees")
    assert not (tmp_path / "trees").exists()


def test_only_parts_that_are_not_known_are_explained(
    predictor: ExplainingPredictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_inputs, "AT_ONCE", 2)
    for known, wanted in (((0, 1), [2]), ((0, 2), [0, 1]), ((), [0, 1, 2])):
        parts = explained_parts(predictor, INPUTS, known=known)
        assert [number for part, _ in parts for number in part.numbers] == wanted
