"""Models of every task are merged; labels are aligned where the model has them."""

import json
from pathlib import Path

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch
from allennlp.models import load_archive
from torch import Tensor

from fixtures.archives import LABELS, facade_config, write_archive
from fixtures.tasks import TEXTS, write_task_archive, write_texts
from tests.models.merging import merge


def logits(archive: str, data: str) -> Tensor:
    """Of the texts in a file."""
    read = load_archive(archive)
    instances = list(read.dataset_reader.read(data))
    for instance in instances:
        read.dataset_reader.apply_token_indexers(instance)
        instance.index_fields(read.model.vocab)
    with torch.no_grad():
        return read.model.eval()(**Batch(instances).as_tensor_dict())["logits"]


@pytest.mark.parametrize("kind", TEXTS)
def test_merged_models_of_a_task_sum_logits(tmp_path: Path, kind: str) -> None:
    f, g = (write_task_archive(tmp_path, kind, seed) for seed in (0, 1))
    data = write_texts(tmp_path, kind)
    expected = sum(logits(f"{part}/model.tar.gz", data) for part in (f, g))
    for storage in ("dense", "logits"):
        path = merge(f, g, tmp_path / storage, storage)
        torch.testing.assert_close(logits(str(path), data), expected, atol=1e-5, rtol=0)


def in_namespace(folder: str, namespace: str) -> str:
    """The labels of an archive's model are those of another namespace."""
    files = Path(folder)
    config = json.loads((files / "config.json").read_text())
    model = config["model"].get("model", config["model"])
    model["label_namespace"] = namespace
    (files / "config.json").write_text(json.dumps(config))
    (files / "vocabulary" / "labels.txt").rename(files / "vocabulary" / f"{namespace}.txt")
    (files / "model.tar.gz").unlink()
    return folder


def test_labels_are_aligned_in_the_models_own_namespace(tmp_path: Path) -> None:
    f = in_namespace(write_archive(tmp_path / "f"), "sides_labels")
    turned = write_archive(tmp_path / "g", facade_config(), seed=1, labels=LABELS[::-1])
    with pytest.raises(ConfigurationError, match="'sides_labels', the facade's in 'labels'"):
        merge(f, turned, tmp_path / "merged")
    g = in_namespace(turned, "sides_labels")
    data = tmp_path / "texts.jsonl"
    data.write_text(json.dumps({"text": "The film was great!"}))
    expected = logits(f, str(data)) + logits(g, str(data)).flip(-1)
    path = merge(f, g, tmp_path / "merged")
    torch.testing.assert_close(logits(str(path), str(data)), expected, atol=1e-5, rtol=0)
