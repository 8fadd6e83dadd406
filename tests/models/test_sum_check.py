"""No merged model is written that is not the sum of its parts."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model, load_archive
from torch import Tensor

from facade_allennlp.archives import load
from facade_allennlp.models import Storage
from facade_allennlp.models.merge_archives import merge_archives
from facade_allennlp.models.sum_check import LENGTHS, SumCheck
from fixtures import lstm_config, lstm_reader_config
from fixtures.archives import facade_config, write_archive
from fixtures.pairs import STORAGES
from fixtures.question_answering import TRAIN as QUESTIONS
from fixtures.question_answering import VALIDATION as MORE_QUESTIONS
from fixtures.question_answering import qa_config
from fixtures.question_answering import reader_config as question_reader_config
from tests.models.merging import logits_of, merge, summed_logits


@Storage.register("one_third_more")
class OneThirdMore(Storage):
    """The predictive model alone, its logits times 4/3."""

    def build(self, predictive: Model, facade: Model) -> Model:
        return predictive

    def disguise(self, model: Model, generator: torch.Generator) -> None:
        with torch.no_grad():
            for weight in model._classification_layer.parameters():
                weight.mul_(4 / 3)


@Storage.register("two_heads")
class TwoHeads(Storage):
    """Something that runs on no text."""

    def build(self, predictive: Model, facade: Model) -> Model:
        predictive._seq2vec_encoder = facade._seq2vec_encoder
        return predictive


def unwritten(parts: tuple[str, str], output: Path, message: str, **storage: Any) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        merge_archives(*parts, output, Params(storage))
    assert "\n" not in caught.value.message
    assert not output.exists()


@pytest.fixture(scope="module")
def parts(archives: dict[str, str]) -> tuple[str, str]:
    return archives["f"], archives["g"]


def test_what_is_not_the_sum_is_not_written(parts: tuple[str, str], tmp_path: Path) -> None:
    difference = r"logits differ by \d\S+ from the sum of its parts on a .*the storage `logits`"
    unwritten(parts, tmp_path / "more", difference, type="one_third_more")
    unwritten(parts, tmp_path / "noise", difference, type="dense", noise=0.3)


def test_what_fails_where_its_parts_do_not_is_not_written(tmp_path: Path) -> None:
    reader = lstm_reader_config()
    f = write_archive(tmp_path / "f", lstm_config(8), reader)
    g = write_archive(tmp_path / "g", facade_config(lstm_config(4)), reader, seed=1)
    message = r"the merged model fails on a text of 1 tokens and is not written.*RuntimeError"
    unwritten((f, g), tmp_path / "merged", message, type="two_heads")


def test_texts_of_the_whole_vocabulary_are_run_alone_and_in_a_batch(parts: tuple[str, str]) -> None:
    archive, facade = load(parts[0]), load(parts[1])
    seen: list[Tensor] = []
    table = archive.model._text_field_embedder.token_embedder_tokens.transformer_model
    table.embeddings.word_embeddings.register_forward_hook(
        lambda layer, args, output: seen.append(args[0])
    )
    SumCheck(archive.model, facade.model.model, archive.dataset_reader)
    batch = (len(LENGTHS), LENGTHS[-1])
    assert [tuple(ids.shape) for ids in seen] == [*((1, length) for length in LENGTHS), batch]
    assert len(seen[-1].unique()) > 40  # of 64


def cnn(size: int, *lengths: int) -> dict[str, Any]:
    network = {"type": "cnn", "embedding_dim": size, "num_filters": 3}
    return {
        **lstm_config(size),
        "seq2vec_encoder": {**network, "ngram_filter_sizes": list(lengths)},
    }


def test_texts_that_are_too_short_for_a_part_are_left_out(tmp_path: Path) -> None:
    reader = lstm_reader_config()
    f = write_archive(tmp_path / "f", cnn(8, 2, 5), reader)
    g = write_archive(tmp_path / "g", facade_config(cnn(4, 2, 5)), reader, seed=1)
    for storage in STORAGES:
        merged = load_archive(merge(f, g, tmp_path / storage, storage))
        torch.testing.assert_close(logits_of(merged), summed_logits(f, g), atol=1e-5, rtol=0)
    f = write_archive(tmp_path / "long", cnn(8, 99), reader)
    message = r"run on none of the texts .*: .*[Kk]ernel size"
    unwritten((f, g), tmp_path / "merged", message, type="logits")


@pytest.mark.parametrize("storage", STORAGES)
def test_models_that_answer_with_a_span_are_checked_too(tmp_path: Path, storage: str) -> None:
    data = {"labels": (), "data": (QUESTIONS, MORE_QUESTIONS)}
    reader = question_reader_config()
    f = write_archive(tmp_path / "f", qa_config(), reader, **data)
    g = write_archive(tmp_path / "g", qa_config(8, 2), reader, seed=1, **data)
    assert load(str(merge(f, g, tmp_path / "merged", storage))).model.vocab
    message = "logits differ by"
    if storage == "dense":
        unwritten((f, g), tmp_path / "noise", message, type="dense", noise=0.5)
