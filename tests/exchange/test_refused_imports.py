"""What is no whole model of transformers is refused in one sentence, and nothing is written."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
import torch
from allennlp.common.checks import ConfigurationError
from safetensors.torch import load_file, save_file
from transformers import PerceiverTokenizer

from facade_allennlp.exchange.import_transformers import import_transformers
from fixtures.transformers_models import word_pieces, write_model

ARCHITECTURE = "BertForSequenceClassification"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "m"
    write_model(folder, ARCHITECTURE, word_pieces(), ["bad", "good"])
    return folder


def changed(**entries: Any) -> Callable[[Path], None]:
    """Changes config.json."""

    def change(model: Path) -> None:
        config = json.loads((model / "config.json").read_text())
        (model / "config.json").write_text(json.dumps({**config, **entries}))

    return change


def weighing(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """Changes the tensors in place."""

    def changed_weights(model: Path) -> None:
        tensors = load_file(model / "model.safetensors")
        change(tensors)
        save_file(tensors, model / "model.safetensors", {"format": "pt"})

    return changed_weights


def no_config(model: Path) -> None:
    (model / "config.json").unlink()


def no_tokenizer(model: Path) -> None:
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        (model / name).unlink()


def other_order(model: Path) -> None:
    words = list(json.loads((model / "tokenizer.json").read_text())["model"]["vocab"])
    (model / "vocab.txt").write_text("\n".join([*words[:6], *words[:5:-1]]))


def other_vocabulary(text: str) -> Callable[[Path], None]:
    """As GPT-2's and RoBERTa's tokenizers have it, in `vocab.json`."""

    def change(model: Path) -> None:
        (model / "vocab.txt").unlink()
        (model / "vocab.json").write_text(text)

    return change


def other_padding(model: Path) -> None:
    tokenizer = json.loads((model / "tokenizer_config.json").read_text())
    tokenizer["pad_token"] = "[MASK]"
    (model / "tokenizer_config.json").write_text(json.dumps(tokenizer))


def code(model: Path) -> None:
    changed(model_type="mine", auto_map={"AutoConfig": "mine.Mine"})(model)
    (model / "mine.py").write_text("raise SystemExit('code of a stranger')")


def pickled(model: Path) -> None:
    (model / "model.safetensors").unlink()
    torch.save({"x": Path("not a tensor")}, model / "pytorch_model.bin")


BAD: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no config": (no_config, "has no config.json"),
    "config is a list": (lambda m: (m / "config.json").write_text("[]"), "`architectures`"),
    "config is no JSON": (lambda m: (m / "config.json").write_text("{"), "is no JSON"),
    "config holds a name twice": (
        lambda m: (m / "config.json").write_text('{"model_type": "bert", "model_type": "x"}'),
        "'model_type' stands in it twice",
    ),
    "half a character": (changed(id2label={"0": "\ud800", "1": "x"}), "half of a character"),
    "no architecture": (changed(architectures=None), "`architectures`"),
    "an encoder alone": (changed(architectures=["BertModel"]), "is a BertModel; what can be"),
    "unknown class": (changed(architectures=["MyModel"]), "is a MyModel; what can be"),
    "a class of its own": (
        changed(architectures=["MyForSequenceClassification"]),
        "MyForSequenceClassification is no model",
    ),
    "another type": (changed(model_type="roberta"), "but is that of the model type 'roberta'"),
    "another class": (
        changed(architectures=["DistilBertForSequenceClassification"]),
        "but is that of the model type 'bert'",
    ),
    "code": (code, "configuration: "),
    "no labels": (changed(id2label={}, label2id={}), "0 labels"),
    "a label twice": (changed(id2label={"0": "x", "1": "x"}), "'x'"),
    "ids from 1": (changed(id2label={"1": "x", "2": "y"}), "the ids [1, 2]"),
    "other width": (changed(hidden_size=32), " has the shape (16,), and there (32,)"),
    "a head of another size": (
        changed(id2label={"0": "x", "1": "y", "2": "z"}),
        "classifier.bias has the shape (2,), and there (3,)",
    ),
    "heads that do not divide": (changed(num_attention_heads=3), "cannot read the model's weights"),
    "more layers": (changed(num_hidden_layers=3), "lack 16 tensors"),
    "no head": (weighing(lambda t: t.pop("classifier.weight")), "lack 1 tensors (classifier.w"),
    "a further head": (
        weighing(lambda t: t.update({"qa_outputs.weight": torch.ones(2, 16)})),
        "beyond what it has, 1 tensors (qa_outputs.weight)",
    ),
    "NaN": (weighing(lambda t: t["classifier.bias"].fill_(torch.nan)), "NaN"),
    "overflow": (weighing(lambda t: t["classifier.weight"].fill_(3e38)), "NaN or infinite"),
    "no weights": (lambda m: (m / "model.safetensors").unlink(), "has no weights"),
    "pickled": (pickled, "cannot read the model's weights"),
    "no tokenizer": (no_tokenizer, "has no tokenizer"),
    "other vocabulary": (
        lambda m: write_model(m, ARCHITECTURE, word_pieces(), ["bad", "good"], vocab_size=20),
        "ids up to 26, the word embeddings have 20 rows",
    ),
    "vocabulary in another order": (other_order, "in different orders: "),
    "vocabulary is a list": (other_vocabulary("[1, 2]"), "vocab.json is no vocabulary"),
    "vocabulary is no JSON": (other_vocabulary("[" * 100_000), "vocab.json is no JSON"),
    "other padding": (other_padding, "padding has the id 4 there, and 0 in config.json"),
}


@pytest.mark.parametrize("kind", BAD)
def test_one_sentence_and_nothing_written(whole: Path, tmp_path: Path, kind: str) -> None:
    change, said = BAD[kind]
    shutil.copytree(whole, tmp_path / "m")
    change(tmp_path / "m")
    with pytest.raises(ConfigurationError) as error:
        import_transformers(str(tmp_path / "m"), tmp_path / "f")
    assert said in error.value.message
    assert "\n" not in error.value.message
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


def test_a_model_without_word_embeddings_is_refused(tmp_path: Path) -> None:
    small = {"d_model": 16, "d_latents": 16, "num_latents": 4, "num_self_attends_per_block": 1}
    heads = {"num_self_attention_heads": 2, "num_cross_attention_heads": 2}
    name = "PerceiverForSequenceClassification"
    model = write_model(
        tmp_path / "m", name, PerceiverTokenizer(), ["bad", "good"], **small, **heads
    )
    with pytest.raises(ConfigurationError, match=f"is a {name}, which has no layer of word"):
        import_transformers(model, tmp_path / "f")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"max_length": 3}, "max_length is 3"),
        ({"max_length": 25}, "takes at most 24 tokens"),
        ({"task": "number"}, "2 labels"),
        ({"task": "tagging"}, "must be one of single_label"),
    ],
)
def test_settings_that_do_not_fit_the_model(
    whole: Path, tmp_path: Path, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        import_transformers(str(whole), tmp_path / "f", **settings)


def test_a_name_of_the_hub_needs_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigurationError, match="the Hugging Face hub cannot be reached"):
        import_transformers("somebody/bert-of-theirs", tmp_path / "f")
    with pytest.raises(ConfigurationError, match="there is no such folder"):
        import_transformers(str(tmp_path / "m"), tmp_path / "f")


def test_an_archive_that_answers_otherwise_is_not_written(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from facade_allennlp.anatomy import heads

    other = heads.TextHead("classifier", "bert.pooler.dense", activation="relu")
    monkeypatch.setitem(heads.TEXT_HEADS, ARCHITECTURE, other)
    with pytest.raises(ConfigurationError, match="does not answer as the original does"):
        import_transformers(str(whole), tmp_path / "f")
    assert list(tmp_path.iterdir()) == []
