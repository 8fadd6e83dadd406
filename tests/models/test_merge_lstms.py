import json
from pathlib import Path

import pytest
import torch
from allennlp.commands.evaluate import evaluate_from_archive
from allennlp.models import BasicClassifier, load_archive
from allennlp.predictors import Predictor
from torch import Tensor

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


@pytest.fixture(scope="module")
def merged(lstms: tuple[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An archive of the two in each storage."""
    folder = tmp_path_factory.mktemp("merged")
    return {storage: merge(*lstms, folder / storage, storage) for storage in STORAGES}


@pytest.fixture(scope="module")
def expected(lstms: tuple[str, str]) -> Tensor:
    """Logits of the validation texts."""
    return summed_logits(*lstms)


@pytest.mark.parametrize("storage", STORAGES)
def test_lstms_over_one_vocabulary_are_merged(
    merged: dict[str, Path], expected: Tensor, storage: str
) -> None:
    archive = load_archive(merged[storage])
    assert type(archive.model) is (SumOfLogits if storage == "logits" else BasicClassifier)
    torch.testing.assert_close(logits_of(archive), expected, atol=1e-5, rtol=0)

    found = Predictor.from_archive(archive).predict_json({"sentence": "The story was good ."})
    assert found["label"] == LABELS[int(expected[0].argmax())]


@pytest.mark.parametrize("storage", ["structured", "dense"])
def test_allennlp_evaluates_merged_lstms(
    merged: dict[str, Path], expected: Tensor, storage: str
) -> None:
    metrics = evaluate_from_archive(merged[storage], VALIDATION)
    lines = Path(VALIDATION).read_text(encoding="utf-8").splitlines()
    best = [LABELS[index] for index in expected.argmax(dim=-1).tolist()]
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
    alone = load_archive(merge(f, lstms[1], tmp_path / "merged"))
    torch.testing.assert_close(logits_of(alone), summed_logits(f, lstms[1]), atol=1e-5, rtol=0)
