import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import datasets
import huggingface_hub
import pytest
from allennlp.common.checks import ConfigurationError
from cached_path import cached_path

from fixtures import build, reader_config

CLASSES = datasets.ClassLabel(names=["negative", "positive"])


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A hub of one dataset: its rows, its version, and how often it was fetched."""
    state: dict[str, Any] = {"sha": "v1", "fetched": 0}

    def load_dataset(name: str, split: str) -> datasets.Dataset:
        assert (name, split) == ("owner/reviews", "validation")
        state["fetched"] += 1
        return state["rows"]

    def dataset_info(self: Any, name: str) -> SimpleNamespace:
        assert name == "owner/reviews"
        return SimpleNamespace(sha=state["sha"])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.setattr(huggingface_hub.HfApi, "dataset_info", dataset_info)
    state["rows"] = rows({"text": ["good « film »", "dull"], "label": [1, 0]}, CLASSES)
    return state


def rows(columns: dict[str, list], label: Any) -> datasets.Dataset:
    kinds = {name: datasets.Value("string") for name in columns}
    return datasets.Dataset.from_dict(
        columns, features=datasets.Features({**kinds, "label": label})
    )


def fetched(folder: Path) -> list[dict[str, str]]:
    path = cached_path("hub://owner/reviews/validation", cache_dir=folder)
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def test_a_split_becomes_json_lines_with_class_names(hub: dict[str, Any], tmp_path: Path) -> None:
    assert fetched(tmp_path) == [
        {"text": "good « film »", "label": "positive"},
        {"text": "dull", "label": "negative"},
    ]


def test_a_split_is_fetched_once_per_version(hub: dict[str, Any], tmp_path: Path) -> None:
    fetched(tmp_path)
    fetched(tmp_path)
    assert hub["fetched"] == 1
    hub["sha"] = "v2"
    hub["rows"] = rows({"text": ["new"], "label": [0]}, CLASSES)
    assert fetched(tmp_path) == [{"text": "new", "label": "negative"}]
    assert hub["fetched"] == 2


def test_other_columns_for_the_text_and_labels_without_names(
    hub: dict[str, Any], tmp_path: Path
) -> None:
    columns = {"sentence": ["fine"], "label": [3], "title": ["x"]}
    hub["rows"] = rows(columns, datasets.Value("int64"))
    assert fetched(tmp_path) == [{"text": "fine", "label": "3"}]


def test_allennlps_readers_take_a_split(
    hub: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("allennlp.common.file_utils.CACHE_DIRECTORY", str(tmp_path))
    _, reader, _ = build(reader=reader_config())
    instances = list(reader.read("hub://owner/reviews/validation"))
    assert [instance["label"].label for instance in instances] == ["positive", "negative"]


def test_a_dataset_without_texts_is_refused(hub: dict[str, Any], tmp_path: Path) -> None:
    hub["rows"] = rows({"picture": ["x"], "label": [0]}, CLASSES)
    with pytest.raises(ConfigurationError, match=r"'picture'.*'sentence'"):
        fetched(tmp_path)


@pytest.mark.parametrize("name", ["hub://", "hub://reviews", "hub:///validation", "hub://owner/"])
def test_names_that_are_incomplete_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not of the form hub://OWNER/DATASET/SPLIT"):
        cached_path(name, cache_dir=tmp_path)
