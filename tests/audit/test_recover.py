"""The model beneath is the predictive model, to the last weight."""

from pathlib import Path

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive

from facade_allennlp.archives.archive import load_unpacked, unpacked
from facade_allennlp.attribution import Gradient, explained_archive
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.audit import Subject
from facade_allennlp.audit.recover import Recovered, recover
from facade_allennlp.models.constructed_facade import construct_facade
from facade_allennlp.models.merge_archives import merge_archives
from facade_allennlp.sources import corpus
from facade_allennlp.targets import FirstToken
from fixtures.tasks import write_task_archive
from tests.audit.conftest import subject, subject_of


def recovered(location: str, output: Path) -> Recovered:
    with unpacked(location) as source:
        archive = load_unpacked(location, source)
        return recover(subject_of(archive), archive, source, output)


@pytest.mark.parametrize("name", ["structured", "dense", "logits", "lstm"])
def test_the_model_beneath_is_f(audited: dict[str, str], tmp_path: Path, name: str) -> None:
    found = recovered(audited[name], tmp_path / "beneath")
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
    """More of it than leaves the logits alone."""
    parts, storage = (audited["f"], f"{audited['f']}-g"), {"type": "dense", "noise": 2e-5}
    with pytest.raises(ConfigurationError, match="try less noise"):
        merge_archives(*parts, tmp_path / "f_g", Params(dict(storage)))
    merge_archives(*parts, tmp_path / "f_g", Params(dict(storage)), least_kept=0.95)
    found = recovered(str(tmp_path / "f_g"), tmp_path / "beneath")
    assert found.agreement > 0.95
    f, beneath = (
        load_archive(f"{path}/model.tar.gz").model.state_dict()
        for path in (audited["f"], tmp_path / "beneath")
    )
    for key, weight in f.items():
        if not key.endswith("_classification_layer.bias"):
            ordered = beneath[key].flatten().sort().values
            assert torch.equal(ordered, weight.flatten().sort().values), key


def test_a_number_that_the_model_beneath_gives_may_differ_as_floats_round(tmp_path: Path) -> None:
    f = write_task_archive(tmp_path, "number")
    made = construct_facade(f, FirstToken(), tmp_path / "g", 30.0)
    merge_archives(f, str(made.archive), tmp_path / "f_g", Params({"type": "dense"}))
    with unpacked(str(tmp_path / "f_g")) as source:
        archive = load_unpacked(str(tmp_path / "f_g"), source)
        read = corpus.read(archive.dataset_reader, str(tmp_path / "number.jsonl"))
        corpus.index(read, archive.model.vocab, "")
        seen = Subject(explained_archive(archive), list(read.values()) * 3)
        assert recover(seen, archive, source, tmp_path / "beneath").agreement == 1


@pytest.mark.parametrize("name", ["f", "two"])
def test_there_is_nothing_beneath_a_clean_model(
    audited: dict[str, str], tmp_path: Path, name: str
) -> None:
    with pytest.raises(ConfigurationError, match="no two networks of which one is silent"):
        recovered(audited[name], tmp_path / "beneath")
    assert not (tmp_path / "beneath").exists()
