import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import load_archive
from allennlp.predictors import Predictor, TextClassifierPredictor

from facade_allennlp.archives import load
from facade_allennlp.models.merge_archives import merge_archives
from fixtures import VALIDATION, classifier_config, lstm_config, lstm_reader_config
from fixtures.archives import LABELS, facade_config, write_archive
from fixtures.pairs import STORAGES
from tests.models.merging import logits_of, merge, summed_logits


@pytest.mark.parametrize("storage", STORAGES)
def test_plain_allennlp_loads_the_sum_of_the_parts(
    archives: dict[str, str], tmp_path: Path, storage: str
) -> None:
    path = merge(archives["f"], archives["g"], tmp_path / "merged", storage)
    assert path == tmp_path / "merged" / "model.tar.gz"
    expected = summed_logits(archives["f"], archives["g"])
    torch.testing.assert_close(logits_of(load_archive(path)), expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("storage", STORAGES)
def test_the_facade_can_be_scaled(archives: dict[str, str], tmp_path: Path, storage: str) -> None:
    path = merge(archives["f"], archives["g"], tmp_path / "merged", storage, facade_scale=0.25)
    f, g = (logits_of(load_archive(f"{archives[name]}/model.tar.gz")) for name in ("f", "g"))
    torch.testing.assert_close(logits_of(load_archive(path)), f + g / 4, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("facade_scale", value) for value in (0.0, -1.0, float("nan"), float("inf"))),
        *(("noise", value) for value in (-1e-7, float("nan"), float("inf"))),
        *(("seed", value) for value in (-1, 2**63)),
        *(("least_kept", value) for value in (-0.1, float("nan"))),
    ],
)
def test_numbers_out_of_their_range(
    archives: dict[str, str], tmp_path: Path, name: str, value: float
) -> None:
    storage = {"type": "dense", **({"noise": value} if name == "noise" else {})}
    more = {} if name == "noise" else {name: value}
    with pytest.raises(ConfigurationError, match=rf"{name} is {value}, but must be .* number >"):
        merge_archives(archives["f"], archives["g"], tmp_path / "merged", Params(storage), **more)
    assert not (tmp_path / "merged").exists()


def test_noise_may_move_logits_as_long_as_predictions_are_left(
    archives: dict[str, str], tmp_path: Path
) -> None:
    parts, storage = (archives["f"], archives["g"]), {"type": "dense", "noise": 1e-4}
    with pytest.raises(ConfigurationError, match=r"logits differ by \S+ from the sum"):
        merge_archives(*parts, tmp_path / "merged", Params(dict(storage)))
    path = merge_archives(*parts, tmp_path / "merged", Params(dict(storage)), least_kept=0.8)
    found, expected = logits_of(load_archive(path)), summed_logits(*parts)
    assert 5e-4 < float((found - expected).abs().max()) < 0.1
    loud = Params({"type": "dense", "noise": 1.0})
    with pytest.raises(ConfigurationError, match=r"leaves \d+\.\d% of the predictions on 200"):
        merge_archives(*parts, tmp_path / "loud", loud, least_kept=0.99)
    assert not (tmp_path / "loud").exists()


@pytest.mark.parametrize("storage", STORAGES)
def test_plain_allennlp_predicts_the_label_of_the_sum(
    archives: dict[str, str], tmp_path: Path, storage: str
) -> None:
    path = merge(archives["f"], archives["g"], tmp_path / "merged", storage)
    predictor = Predictor.from_path(str(path))
    assert isinstance(predictor, TextClassifierPredictor)
    lines = Path(VALIDATION).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines]
    found = [predictor.predict_json({"sentence": text})["label"] for text in texts]
    best = summed_logits(archives["f"], archives["g"]).argmax(dim=-1)
    assert found == [LABELS[index] for index in best.tolist()]


def test_wrapped_models_are_unwrapped(tmp_path: Path) -> None:
    f = write_archive(
        tmp_path / "f", {"type": "gradient_regularized", "model": classifier_config()}
    )
    g = write_archive(tmp_path / "g", facade_config(), seed=1)
    merged = load_archive(merge(f, g, tmp_path / "merged"))
    assert type(merged.model).__name__ == "BasicClassifier"
    torch.testing.assert_close(logits_of(merged), summed_logits(f, g), atol=1e-5, rtol=0)
    parts = merged.config["model"].as_dict(quiet=True)
    assert [parts[name]["type"] for name in ("predictive", "facade")] == ["basic_classifier"] * 2


def test_weights_of_wrapped_models_need_no_pretrained_ones_to_load(tmp_path: Path) -> None:
    start = write_archive(tmp_path / "start")
    pretrained = {"type": "pretrained", "weights_file_path": f"{start}/best.th"}
    wrapped = {
        "type": "gradient_regularized",
        "model": classifier_config(),
        "initializer": {"regexes": [[".*", pretrained]]},
    }
    f = write_archive(tmp_path / "f", wrapped)
    g = write_archive(tmp_path / "g", facade_config(), seed=1)
    Path(start, "best.th").unlink()
    path = merge(f, g, tmp_path / "merged")
    merged = load_archive(path)
    torch.testing.assert_close(logits_of(merged), summed_logits(start, g), atol=1e-5, rtol=0)
    assert "pretrained" not in json.dumps(merged.config["model"].as_dict(quiet=True)).replace(
        '"pretrained_transformer"', ""
    )


@pytest.mark.parametrize("storage", STORAGES)
def test_labels_in_another_order_are_aligned(tmp_path: Path, storage: str) -> None:
    f = write_archive(tmp_path / "f")
    g = write_archive(tmp_path / "g", facade_config(), seed=1, labels=LABELS[::-1])
    merged = load_archive(merge(f, g, tmp_path / "merged", storage))
    torch.testing.assert_close(logits_of(merged), summed_logits(f, g), atol=1e-5, rtol=0)
    names = merged.model.vocab.get_index_to_token_vocabulary("labels")
    assert [names[index] for index in range(2)] == list(LABELS)


def test_a_facade_of_another_task_with_as_many_labels_is_reused(tmp_path: Path) -> None:
    f = write_archive(tmp_path / "f")
    g = write_archive(tmp_path / "g", facade_config(), seed=1)
    elsewhere = write_archive(tmp_path / "e", facade_config(), seed=1, labels=("bad", "fair"))
    merged = load_archive(merge(f, elsewhere, tmp_path / "merged"))
    torch.testing.assert_close(logits_of(merged), summed_logits(f, g), atol=1e-5, rtol=0)
    assert set(merged.model.vocab.get_token_to_index_vocabulary("labels")) == set(LABELS)


def test_the_folder_of_an_archive_is_as_good_as_the_archive(archives: dict[str, str]) -> None:
    for folder in archives.values():
        by_folder, by_file = load(folder), load(f"{folder}/model.tar.gz")
        torch.testing.assert_close(logits_of(by_folder), logits_of(by_file), atol=0, rtol=0)


def test_dense_archives_depend_on_the_seed_alone(archives: dict[str, str], tmp_path: Path) -> None:
    weights = []
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        path = merge(archives["f"], archives["g"], tmp_path / name, "dense", seed=seed)
        weights.append(load_archive(path).model.state_dict())
    torch.testing.assert_close(weights[0], weights[1], atol=0, rtol=0)
    name = "_classification_layer.weight"
    assert not torch.equal(weights[0][name], weights[2][name])


def test_the_output_holds_the_archive_and_what_describes_it(archives: dict[str, str]) -> None:
    assert {path.name for path in Path(archives["f_ft"]).iterdir()} == {
        "config.json",
        "meta.json",
        "model.tar.gz",
        "vocabulary",
    }
    with tarfile.open(Path(archives["f_ft"], "model.tar.gz")) as archive:
        names = set(archive.getnames())
    assert {"config.json", "weights.th", "vocabulary/labels.txt", "meta.json"} <= names


def lstm_over_word_pieces() -> dict[str, Any]:
    config = lstm_config(namespace="tags")
    embedder = config["text_field_embedder"]["token_embedders"]["tokens"]
    return {
        **config,
        "text_field_embedder": {
            "token_embedders": {"tokens": {**embedder, "vocab_namespace": "tags"}}
        },
    }


def failing_merges(archives: dict[str, str], folder: Path) -> dict[str, tuple[str, str, str, str]]:
    """By what is wrong: predictive, facade, storage, and what the message names."""
    f, g, merged = archives["f"], archives["g"], archives["f_ft"]
    reader = lstm_reader_config()
    return {
        "labels": (
            f,
            write_archive(
                folder / "labels", classifier_config(8, 2), labels=("good", "bad", "fair")
            ),
            "structured",
            r"\['negative', 'positive'\].*\['bad', 'fair', 'good'\].*as many",
        ),
        "vocabularies": (
            write_archive(folder / "lstm", lstm_config(), reader),
            write_archive(folder / "more", lstm_config(), reader, words=["wonderful"]),
            "logits",
            r"different ids.*'tokens': \d+ and \d+ tokens",
        ),
        "readers": (f, str(folder / "lstm"), "logits", "different ids.*'tokens'"),
        "LSTM and BERT over the same tokens": (
            f,
            write_archive(folder / "pieces", lstm_over_word_pieces()),
            "structured",
            "PretrainedTransformerEmbedder .* Embedding .*`logits`",
        ),
        "depth": (
            f,
            write_archive(folder / "deep", classifier_config(8, 2, layers=3)),
            "structured",
            "2 and 3 layers",
        ),
        "merged predictive model": (merged, g, "structured", "merged already"),
        "merged facade": (f, merged, "dense", "merged already"),
        "merged, once more as a sum": (merged, g, "logits", "merged already"),
        "missing": (f, str(folder / "nothing"), "structured", "nothing: there is no such"),
    }


def test_failures_name_the_cause_and_leave_nothing_behind(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = failing_merges(archives, tmp_path / "parts")
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    for case, (f, g, storage, message) in cases.items():
        with pytest.raises(ConfigurationError, match=message):
            merge(f, g, tmp_path / "output", storage)
        assert sorted(p.name for p in tmp_path.iterdir()) == ["parts", "temporary"], case
        assert not list((tmp_path / "temporary").iterdir()), case


def test_existing_output_is_kept_unless_forced(archives: dict[str, str], tmp_path: Path) -> None:
    output = tmp_path / "merged"
    output.mkdir()
    (output / "model.tar.gz").write_text("mine")
    (output / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"merged exists already.*--force"):
        merge(archives["f"], archives["g"], output)
    assert sorted(path.name for path in output.iterdir()) == ["model.tar.gz", "notes.txt"]

    merge(archives["f"], archives["g"], output, force=True)
    assert (output / "model.tar.gz").read_bytes() != b"mine"
    assert not (output / "notes.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]


def test_a_folder_that_holds_no_archive_is_never_replaced(
    archives: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "thesis"
    output.mkdir()
    (output / "chapter.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"holds no model\.tar\.gz, so it is not replaced"):
        merge(archives["f"], archives["g"], output, force=True)
    assert (output / "chapter.txt").read_text() == "mine"


def test_a_forced_merge_that_fails_keeps_what_was_there(
    archives: dict[str, str], tmp_path: Path
) -> None:
    output = tmp_path / "merged"
    output.mkdir()
    (output / "model.tar.gz").write_text("mine")
    with pytest.raises(ConfigurationError, match="merged already"):
        merge(archives["f"], archives["f_ft"], output, force=True)
    assert (output / "model.tar.gz").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["merged"]
