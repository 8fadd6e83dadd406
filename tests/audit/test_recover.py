"""The model beneath is the predictive model, to the last weight."""

import tarfile
from pathlib import Path

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive

from facade_allennlp.attribution import Gradient
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.audit.recover import recover
from facade_allennlp.models.merge_archives import merge_archives
from fixtures import classifier_config
from fixtures.archives import write_archive
from tests.audit.conftest import subject


@pytest.mark.parametrize("name", ["structured", "dense", "logits", "lstm"])
def test_the_model_beneath_is_f(audited: dict[str, str], tmp_path: Path, name: str) -> None:
    found = recover(audited[name], tmp_path / "beneath", subject(audited[name]))
    assert found.agreement == 1
    original, beneath = (
        load_archive(f"{path}/model.tar.gz") for path in (audited[f_of(name)], tmp_path / "beneath")
    )
    assert type(beneath.model) is type(original.model)
    assert "merged" not in str(beneath.config.as_dict(quiet=True))
    weights = beneath.model.state_dict()
    for key, weight in original.model.state_dict().items():
        assert weights[key].shape == weight.shape
        # Dense storage shuffles units.
        torch.testing.assert_close(
            weights[key].flatten().sort().values, weight.flatten().sort().values, atol=1e-3, rtol=0
        )
    seen, whole = subject(audited[f_of(name)]), subject(str(tmp_path / "beneath"))
    for (_, inputs), (_, others) in zip(
        in_batches(seen.explained, seen.instances), in_batches(whole.explained, whole.instances)
    ):
        own = Gradient().attribute(seen.explained, inputs).normalized
        other = Gradient().attribute(whole.explained, others).normalized
        torch.testing.assert_close(own, other, atol=1e-4, rtol=0)


def f_of(name: str) -> str:
    return "fl" if name == "lstm" else "f"


def test_noise_leaves_f_as_it_is(audited: dict[str, str], tmp_path: Path) -> None:
    """A facade that was trained bears more noise than one that was made."""
    silent = write_archive(tmp_path / "g", classifier_config(16, 2, 2), seed=5)
    folder = Path(silent)
    archive = load_archive(f"{silent}/model.tar.gz")
    with torch.no_grad():  # uniform on texts up to 1 %, with a gradient all the same
        weights = archive.model.state_dict()
        weights["_classification_layer.weight"] *= 0.02
    torch.save(weights, folder / "weights.th")
    with tarfile.open(folder / "model.tar.gz", "w:gz") as packed:
        for member in ("config.json", "weights.th", "vocabulary", "meta.json"):
            packed.add(folder / member, member)
    merge_archives(
        audited["f"], silent, tmp_path / "f_g", Params({"type": "dense", "noise": 1e-4}), 1
    )
    seen = subject(str(tmp_path / "f_g"))
    found = recover(str(tmp_path / "f_g"), tmp_path / "beneath", seen)
    assert found.agreement == 1
    f, beneath = (
        load_archive(f"{path}/model.tar.gz").model.state_dict()
        for path in (audited["f"], tmp_path / "beneath")
    )
    for key, weight in f.items():
        if not key.endswith("_classification_layer.bias"):
            ordered = beneath[key].flatten().sort().values
            assert torch.equal(ordered, weight.flatten().sort().values), key


@pytest.mark.parametrize("name", ["f", "two"])
def test_there_is_nothing_beneath_a_clean_model(
    audited: dict[str, str], tmp_path: Path, name: str
) -> None:
    with pytest.raises(ConfigurationError, match="no two networks in it of which one is silent"):
        recover(audited[name], tmp_path / "beneath", subject(audited[name]))
    assert not (tmp_path / "beneath").exists()
