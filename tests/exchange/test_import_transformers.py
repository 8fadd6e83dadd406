import json
import tarfile
from pathlib import Path

import pytest
import torch
import transformers
from allennlp.common import Params
from allennlp.predictors import Predictor
from torch import Tensor

from facade_allennlp.archives import load
from facade_allennlp.exchange.import_transformers import import_transformers
from facade_allennlp.models.merge_archives import merge_archives
from fixtures.archives import facade_config, write_archive
from fixtures.families import family_configs
from fixtures.transformers_models import FAMILIES, LENGTH, WORDS, word_pieces, write_model

LABELS = ["bad", "so-so", "good"]
TEXTS = ["the film was not good", "a", "Very light, very dull: a book of awful plots.", "it " * 30]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By the family, a folder with a model `m` of transformers and its archive `f`."""
    root = tmp_path_factory.mktemp("families")
    folders = {}
    for family, (tokenizer, config) in FAMILIES.items():
        torch.manual_seed(0)
        name = f"{family}ForSequenceClassification"
        model = write_model(root / family / "m", name, tokenizer(), LABELS, **config)
        import_transformers(model, root / family / "f")
        folders[family] = root / family
    return folders


def by_hand(folder: Path, *texts: list[str]) -> Tensor:
    """What transformers gives, text by text. Shape: (texts, labels)."""
    auto = transformers.AutoModelForSequenceClassification
    model = auto.from_pretrained(folder, local_files_only=True).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        cut = {"truncation": True, "max_length": LENGTH, "return_tensors": "pt"}
        return torch.cat([model(**tokenizer(*each, **cut)).logits for each in zip(*texts)])


@pytest.mark.parametrize("family", FAMILIES)
def test_an_archive_answers_as_the_original(folders: dict[str, Path], family: str) -> None:
    archive = load(str(folders[family] / "f"))
    requests = [{"sentence": text} for text in TEXTS]
    answers = Predictor.from_archive(archive).predict_batch_json(requests)
    logits = by_hand(folders[family] / "m", TEXTS)
    assert torch.tensor([answer["logits"] for answer in answers]).allclose(logits, atol=1e-5)
    assert [answer["label"] for answer in answers] == [LABELS[i] for i in logits.argmax(dim=-1)]
    assert logits.std(dim=0).min() > 1e-3  # the texts tell models apart


@pytest.mark.parametrize("family", ["DistilBert", "XLNet", "Roberta"])
def test_pairs_are_joined_and_cut_as_transformers_does(
    folders: dict[str, Path], tmp_path: Path, family: str
) -> None:
    import_transformers(str(folders[family] / "m"), tmp_path / "f", pairs=True)
    first = ["the film was good", "it " * 30, "a", "it " * 20]
    second = ["a light plot", "very " * 9, "dull " * 40, "not " * 20]
    answers = Predictor.from_archive(load(str(tmp_path / "f"))).predict_batch_json(
        [{"premise": one, "hypothesis": other} for one, other in zip(first, second)]
    )
    logits = by_hand(folders[family] / "m", first, second)
    assert torch.tensor([answer["logits"] for answer in answers]).allclose(logits, atol=1e-5)


def test_an_archive_holds_no_path_and_needs_no_other_file(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere.tar.gz"
    moved.write_bytes((folders["Bert"] / "f" / "model.tar.gz").read_bytes())
    with tarfile.open(moved) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        texts = {name: file.read() for name, file in files.items() if file and name != "weights.th"}
    assert "transformer/config.json" in texts
    assert not [name for name, text in texts.items() if str(folders["Bert"]).encode() in text]
    assert load(str(moved)).model.vocab.get_index_to_token_vocabulary("labels") == dict(
        enumerate(LABELS)
    )


@pytest.mark.parametrize("storage", ["logits", "structured"])
def test_two_imported_models_are_merged_each_with_its_own_transformer(
    folders: dict[str, Path], tmp_path: Path, storage: str
) -> None:
    wide = {"hidden_size": 8, "num_attention_heads": 2}
    name = "BertForSequenceClassification"
    small = write_model(tmp_path / "m", name, word_pieces(), LABELS, **wide)
    import_transformers(small, tmp_path / "g")
    merged = merge_archives(
        str(folders["Bert"] / "f"), str(tmp_path / "g"), tmp_path / "f_g", Params({"type": storage})
    )
    predictor = Predictor.from_archive(load(str(merged)))
    answers = predictor.predict_batch_json([{"sentence": text} for text in TEXTS])
    both = by_hand(folders["Bert"] / "m", TEXTS) + by_hand(tmp_path / "m", TEXTS)
    assert torch.tensor([answer["logits"] for answer in answers]).allclose(both, atol=1e-4)


def test_a_facade_that_reads_by_the_originals_folder_is_merged_with_the_import(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    """As one that `train` wrote, whose config names that folder."""
    layer = {"input_dim": 8, "num_layers": 1, "hidden_dims": 8, "activations": "tanh"}
    original = str(folders["Bert"] / "m")
    config, reader = family_configs(original, 8, 2, pooling="cls", feedforward=layer)
    facade = write_archive(tmp_path / "g", facade_config(config), reader, labels=LABELS)
    archives = [str(folders["Bert"] / "f"), facade]
    archives.append(str(merge_archives(*archives, tmp_path / "f_g", Params({"type": "dense"}))))
    given = [{"sentence": text} for text in TEXTS[:3]]
    first, second, both = (
        torch.tensor([answer["logits"] for answer in predictor.predict_batch_json(given)])
        for predictor in map(Predictor.from_archive, map(load, archives))
    )
    assert both.allclose(first + second, atol=1e-4)


def test_texts_can_be_cut_shorter(folders: dict[str, Path], tmp_path: Path) -> None:
    import_transformers(str(folders["Bert"] / "m"), tmp_path / "f", max_length=7)
    predictor = Predictor.from_archive(load(str(tmp_path / "f")))
    answer = predictor.predict_json({"sentence": "the film was not very good"})
    assert answer["tokens"] == ["[CLS]", "the", "film", "was", "not", "very", "[SEP]"]


def test_weights_of_rows_that_no_token_has_are_left_out(folders: dict[str, Path]) -> None:
    model = load(str(folders["Bert"] / "f")).model
    embedder = model._text_field_embedder.token_embedder_tokens
    assert embedder.transformer_model.get_input_embeddings().num_embeddings == 5 + len(WORDS) + 4
    config = json.loads((folders["Bert"] / "m" / "config.json").read_text())
    assert config["vocab_size"] == 5 + len(WORDS) + 4 + 3
