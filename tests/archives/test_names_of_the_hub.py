"""A plain name of the hub is data out of its cache, and travels along in what we write."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from huggingface_hub import constants

from facade_allennlp.archives import load
from facade_allennlp.archives.archive import pack
from facade_allennlp.models.constructed_facade import construct_facade
from facade_allennlp.models.merge_archives import merge_archives
from facade_allennlp.targets import FirstToken
from fixtures import BERT, BERT_FOLDER, classifier_config
from fixtures.archives import write_archive
from tests.models.merging import logits_of

NAME = "tiny/bert"


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of the hub's client, with the tiny BERT; and a folder of its name, as bait."""
    cache = tmp_path / "hub"
    model = cache / "models--tiny--bert"
    shutil.copytree(BERT_FOLDER, model / "snapshots" / "abc")
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("abc")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    bait = tmp_path / "here" / NAME
    bait.mkdir(parents=True)
    (bait / "config.json").write_text('{"model_type": "bert", "vocab_size": 2}')
    monkeypatch.chdir(tmp_path / "here")
    return cache


def of_the_hub(folder: Path, seed: int = 0) -> str:
    """An archive of a classifier over the BERT of the hub."""
    write_archive(folder, classifier_config(), seed=seed)
    config = (folder / "config.json").read_text().replace(BERT, NAME)
    assert NAME in config
    (folder / "config.json").write_text(config)
    (folder / "best.th").rename(folder / "weights.th")
    pack(folder)
    return str(folder)


def test_the_cache_counts_and_no_folder_of_that_name(hub: Path, tmp_path: Path) -> None:
    archive = of_the_hub(tmp_path / "f")
    same = write_archive(tmp_path / "same", classifier_config())
    torch.testing.assert_close(logits_of(load(archive)), logits_of(load(same)), atol=0, rtol=0)
    shutil.rmtree(hub)
    with pytest.raises(ConfigurationError, match="'tiny/bert' is a folder of this machine"):
        load(archive)


def test_what_we_write_needs_no_hub(hub: Path, tmp_path: Path) -> None:
    f, g = of_the_hub(tmp_path / "f"), of_the_hub(tmp_path / "g", seed=1)
    merged = merge_archives(f, g, tmp_path / "f_ft", Params({"type": "logits"}))
    made = construct_facade(f, FirstToken(), tmp_path / "made").archive
    both = merge_archives(f, str(made), tmp_path / "both", Params({"type": "structured"}))
    expected = logits_of(load(str(merged)))
    again = logits_of(load(str(both)))
    torch.testing.assert_close(again, logits_of(load(f)), atol=1e-4, rtol=0)
    shutil.rmtree(hub)
    for path in (merged, made, both):
        assert NAME not in json.dumps(load(str(path)).config.as_dict(quiet=True))
    torch.testing.assert_close(logits_of(load(str(merged))), expected, atol=0, rtol=0)
