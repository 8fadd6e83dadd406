import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.evaluate import evaluate_from_archive
from allennlp.models import BasicClassifier, load_archive
from allennlp.predictors import Predictor

from facade_allennlp.models import SumOfLogits
from fixtures import VALIDATION, lstm_config, lstm_reader_config
from fixtures.archives import LABELS, facade_config, write_archive
from fixtures.pairs import STORAGES
from tests.models.merging import logits_of, merge, summed_logits


@pytest.fixture(scope="module")
def lstms(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """Folders of a predictive and a facade model over one vocabulary."""
    folder = tmp_path_factory.mktemp("lstms")
    reader = lstm_reader_config()
    f = write_archive(folder / "f", lstm_config(8, 2, True), reader)
    g = write_archive(folder / "g", facade_config(lstm_config(4, 2, True)), reader, seed=1)
    return f, g


@pytest.mark.parametrize("storage", STORAGES)
def test_lstms_over_one_vocabulary_are_merged(
    lstms: tuple[str, str], tmp_path: Path, storage: str
) -> None:
    f, g = lstms
    path = merge(f, g, tmp_path / "merged", storage)
    merged = load_archive(path)
    assert type(merged.model) is (SumOfLogits if storage == "logits" else BasicClassifier)
    expected = summed_logits(f, g)
    torch.testing.assert_close(logits_of(merged), expected, atol=1e-5, rtol=0)

    found = Predictor.from_path(str(path)).predict_json({"sentence": "The story was good ."})
    assert found["label"] == LABELS[int(expected[0].argmax())]


@pytest.mark.parametrize("storage", ["structured", "dense"])
def test_allennlp_evaluates_merged_lstms(
    lstms: tuple[str, str], tmp_path: Path, storage: str
) -> None:
    path = merge(*lstms, tmp_path / "merged", storage)
    metrics = evaluate_from_archive(path, VALIDATION)
    lines = Path(VALIDATION).read_text(encoding="utf-8").splitlines()
    best = [LABELS[index] for index in summed_logits(*lstms).argmax(dim=-1).tolist()]
    right = [label == json.loads(line)["label"] for label, line in zip(best, lines)]
    assert metrics["accuracy"] == pytest.approx(sum(right) / len(right))


def test_merged_lstms_need_no_pretrained_vectors_to_load(
    lstms: tuple[str, str], tmp_path: Path
) -> None:
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("film " + " ".join(["0.5"] * 8) + "\n")
    config = lstm_config(8, 2, True)
    config["text_field_embedder"]["token_embedders"]["tokens"]["pretrained_file"] = str(vectors)
    f = write_archive(tmp_path / "f", config, lstm_reader_config())
    vectors.unlink()
    merged = load_archive(merge(f, lstms[1], tmp_path / "merged"))
    torch.testing.assert_close(logits_of(merged), summed_logits(f, lstms[1]), atol=1e-5, rtol=0)
