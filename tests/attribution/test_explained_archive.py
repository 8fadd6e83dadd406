"""An archive's own names reach what is explained: of namespaces, logits and labels."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.models import Model

from facade_allennlp.archives import load
from facade_allennlp.attribution import Gradient, explained_archive, explained_model
from facade_allennlp.attribution.explained_archive import indexer_namespaces
from facade_allennlp.explanations import explain
from fixtures import BERT, batch, build, by_hand, classifier_config, reader_config
from fixtures.archives import write_archive
from fixtures.renamed import Renamed  # noqa: F401  (registers the model)


def own_names(tmp_path: Path, **model: Any) -> str:
    """An archive whose pieces and classes have namespaces of their own."""
    reader = copy.deepcopy(reader_config())
    reader["token_indexers"]["tokens"]["namespace"] = "pieces"
    config = {**classifier_config(namespace="pieces"), **model}
    return write_archive(tmp_path / "own", config, reader)


def test_namespaces_are_those_of_the_readers_indexers(tmp_path: Path) -> None:
    archive = load(own_names(tmp_path))
    explained = explained_archive(archive)
    instances = [archive.validation_dataset_reader.text_to_instance("a lovely film")]
    archive.validation_dataset_reader.apply_token_indexers(instances[0])
    instances[0].index_fields(archive.model.vocab)
    (explanation,) = explain(explained, instances, {"gradient": Gradient()})
    assert explained.token_namespaces == {"pieces"}
    assert explanation.text.words == ["a", "lovely", "film"]
    expected = by_hand.gradient_times_input(archive.model, batch(instances))
    found = Gradient().attribute(explained, batch(instances)).raw
    torch.testing.assert_close(found, expected.to(found))


@pytest.mark.parametrize(
    ("indexers", "expected"),
    [
        ({"words": {"type": "single_id", "namespace": "w"}}, {"words": "w"}),
        ({"words": {"type": "single_id", "namespace": None}}, {}),
        (
            {
                "pieces": {
                    "type": "pretrained_transformer_mismatched",
                    "model_name": BERT,
                    "namespace": "p",
                },
                "words": {"type": "single_id"},
            },
            {"pieces": "p", "words": "tokens"},
        ),
    ],
)
def test_every_indexer_has_its_namespace(
    indexers: dict[str, Any], expected: dict[str, str]
) -> None:
    config = {
        "type": "text_classification_json",
        "tokenizer": {"type": "just_spaces"},
        "token_indexers": indexers,
    }
    reader = DatasetReader.from_params(Params(copy.deepcopy(config)))
    assert indexer_namespaces(reader) == expected
    inside = {"type": "interleaving", "readers": {"first": config}}
    outer = DatasetReader.from_params(Params(copy.deepcopy(inside)))
    assert indexer_namespaces(outer) == expected


def test_classes_are_named_in_the_models_own_namespace(tmp_path: Path) -> None:
    archive = load(own_names(tmp_path, label_namespace="sentiment_labels", num_labels=2))
    archive.model.vocab.add_tokens_to_namespace(["down", "up"], "sentiment_labels")
    assert explained_archive(archive).class_names == ["down", "up"]
    assert set(explained_archive(archive, label_namespace="labels").class_names) == {
        "positive",
        "negative",
    }


def test_logits_are_found_under_the_name_that_is_given() -> None:
    model, reader, instances = build({"type": "renamed", "model": classifier_config()})
    inputs = batch(instances)
    with pytest.raises(ConfigurationError, match="none of them ends in 'logits': name its logits"):
        Gradient().attribute(explained_model(model, reader), inputs)
    found = Gradient().attribute(explained_model(model, reader, logits=["scores"]), inputs)
    expected = Gradient().attribute(explained_model(model.model, reader), inputs)
    torch.testing.assert_close(found.raw, expected.raw)


def test_a_wrappers_names_of_logits_stay_with_the_model_inside() -> None:
    renamed = {"type": "renamed", "model": classifier_config()}
    fooled = [{"method": "gradient", "target": "first_token"}]
    config = {"type": "facade", "model": renamed, "fooled": fooled, "logits": ["scores"]}
    facade, reader, instances = build(config)
    assert isinstance(facade, Model)
    for model in (facade, facade.model):
        explained = explained_model(model, reader)
        assert explained.run(explained.without_labels(batch(instances))).names == ("scores",)


def test_a_task_can_be_chosen_by_name_or_config() -> None:
    model, reader, _ = build()
    assert explained_model(model, reader, task="span").task.name == "span"
    config = {"type": "single_label", "gold_field": "stars"}
    task: Any = explained_model(model, reader, task=config).task
    assert task.gold_field == "stars"
    with pytest.raises(ConfigurationError, match="no task 'sorting', but"):
        explained_model(model, reader, task="sorting")


def test_the_task_is_known_once_the_model_has_run() -> None:
    model, reader, instances = build()
    explained = explained_model(model, reader)
    with pytest.raises(RuntimeError, match="once it has run"):
        _ = explained.task
    assert explained.with_budget(10).task_on(instances).name == "single_label"
    assert explained.task.name == "single_label", "copies know it together"
