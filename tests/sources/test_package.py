from pathlib import Path

import pytest
from allennlp.common import cached_transformers
from allennlp.common.checks import ConfigurationError
from cached_path import cached_path

from facade_allennlp.sources import package_path
from facade_allennlp.sources.transformers import install
from fixtures import BERT as IN_PACKAGE
from fixtures import BERT_FOLDER, FOLDER, TRAIN, build, classifier_config, reader_config


def test_paths_inside_a_package() -> None:
    assert package_path(IN_PACKAGE) == BERT_FOLDER
    assert package_path("package://fixtures/reviews/train.jsonl") == TRAIN
    assert package_path("package://fixtures") == str(FOLDER)


@pytest.mark.parametrize("name", ["bert-base-uncased", "/tmp/model", "fixtures/tiny_bert", ""])
def test_other_names_come_back_unchanged(name: str) -> None:
    assert package_path(name) == name


@pytest.mark.parametrize(
    "inner", ["../pyproject.toml", "reviews/../../pyproject.toml", "..", "/etc/passwd"]
)
def test_paths_out_of_the_package_are_refused(inner: str) -> None:
    with pytest.raises(ConfigurationError, match="the package 'fixtures' has no"):
        package_path(f"package://fixtures/{inner}")


def test_a_link_out_of_the_package_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "a_package_with_a_link"
    inside.mkdir()
    (inside / "__init__.py").touch()
    (inside / "secret").symlink_to(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigurationError, match="has no 'secret'"):
        package_path("package://a_package_with_a_link/secret")


@pytest.mark.parametrize("package", ["no_such_package", "..", "", "json.tool", "math"])
def test_packages_that_are_not_there_are_refused(package: str) -> None:
    with pytest.raises(ConfigurationError, match="which is not installed"):
        package_path(f"package://{package}/file")


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"the package 'fixtures' has no 'none.jsonl'"):
        package_path("package://fixtures/none.jsonl")


def test_data_files_are_read_from_a_package(tmp_path: Path) -> None:
    found = cached_path("package://fixtures/reviews/train.jsonl", cache_dir=tmp_path)
    assert Path(found).read_bytes() == Path(TRAIN).read_bytes()


def test_a_data_file_that_changes_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "a_package_that_changes"
    inside.mkdir()
    (inside / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    for text in ("first", "second edition"):
        (inside / "data.txt").write_text(text)
        found = cached_path(
            "package://a_package_that_changes/data.txt", cache_dir=tmp_path / "cache"
        )
        assert Path(found).read_text() == text


def test_transformers_and_their_tokenizers_are_read_from_a_package() -> None:
    config, reader = classifier_config(), reader_config()
    config["text_field_embedder"]["token_embedders"]["tokens"]["model_name"] = BERT_FOLDER
    for part in (reader["tokenizer"], reader["token_indexers"]["tokens"]):
        part["model_name"] = BERT_FOLDER
    model, _, instances = build()
    same, _, as_folder = build(config, reader)
    assert [str(i) for i in instances] == [str(i) for i in as_folder]
    for name, weight in same.state_dict().items():
        assert bool((model.state_dict()[name] == weight).all()), name


def test_installing_twice_is_installing_once() -> None:
    before = cached_transformers.get, cached_transformers.get_tokenizer
    install()
    assert (cached_transformers.get, cached_transformers.get_tokenizer) == before


def test_a_transformer_of_another_shape_is_not_taken_from_the_cache() -> None:
    sizes = [
        cached_transformers.get(
            BERT_FOLDER, False, load_weights=False, hidden_size=size
        ).config.hidden_size
        for size in (16, 8, 16)
    ]
    assert sizes == [16, 8, 16]


def test_random_transformers_are_drawn_anew() -> None:
    first, second = (
        cached_transformers.get(
            BERT_FOLDER, True, load_weights=False
        ).embeddings.word_embeddings.weight
        for _ in range(2)
    )
    assert bool((first != second).any())
