"""What cannot be merged is refused with one message that names what differs."""

import re
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TextFieldTensors
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.models import SumOfLogits
from fixtures import by_hand, classifier_config, lstm_config, lstm_reader_config
from fixtures.pairs import pair


def unaveraged() -> dict[str, Any]:
    config = classifier_config(8, 2)
    config["seq2vec_encoder"]["averaged"] = False
    return config


@pytest.mark.parametrize("storage", ["structured", "dense"])
@pytest.mark.parametrize(
    ("facade", "named"),
    [
        (classifier_config(8, 2, layers=3), ["2 and 3 layers", "encoder"]),
        (classifier_config(8, 4), ["4 and 2 units", "num_attention_heads"]),
        (lstm_config(), ["PretrainedTransformerEmbedder", "Embedding", "storage `logits`"]),
        (classifier_config(8, 2, num_labels=3), ["2 and 3 outputs"]),
        (classifier_config(8, 2, pooling="cls"), ["BagOfEmbeddingsEncoder", "ClsPooler"]),
        (unaveraged(), ["averaged = True .* False"]),
        (
            classifier_config(
                8,
                2,
                feedforward={
                    "input_dim": 8,
                    "num_layers": 1,
                    "hidden_dims": 8,
                    "activations": "relu",
                },
            ),
            ["_feedforward", "only one"],
        ),
    ],
    ids=["depth", "heads", "kind", "labels", "pooling", "averaging", "feedforward"],
)
def test_networks_of_unlike_shape(facade: dict[str, Any], named: list[str], storage: str) -> None:
    parts = pair(classifier_config(), facade)
    with pytest.raises(ConfigurationError) as caught:
        parts.merged(type=storage)
    for words in named:
        assert re.search(words, str(caught.value)), caught.value


@pytest.mark.parametrize("storage", ["structured", "dense"])
@pytest.mark.parametrize(
    ("facade", "message"),
    [
        (lstm_config(4, 3, True), r"num_layers = 2 in the predictive and 3 .*with 2 too"),
        (lstm_config(4, 2, False), r"bidirectional = True .* and False .*with True too"),
        (lstm_config(4, 2, True, kind="gru"), r"LstmSeq2VecEncoder .* GruSeq2VecEncoder"),
        (lstm_config(4, 2, True, "mean"), r"_seq2seq_encoder in only one"),
        (
            {
                **lstm_config(4),
                "seq2vec_encoder": {"type": "bag_of_embeddings", "embedding_dim": 4},
            },
            r"LstmSeq2VecEncoder .* BagOfEmbeddingsEncoder .*storage `logits`",
        ),
    ],
    ids=["depth", "directions", "kind", "pooling", "no network"],
)
def test_recurrent_networks_of_unlike_shape(
    facade: dict[str, Any], message: str, storage: str
) -> None:
    parts = pair(lstm_config(8, 2, True), facade, lstm_reader_config())
    with pytest.raises(ConfigurationError, match=message):
        parts.merged(type=storage)


def test_recurrent_networks_with_and_without_biases() -> None:
    facade = lstm_config(4)
    facade["seq2vec_encoder"]["bias"] = False
    parts = pair(lstm_config(8), facade, lstm_reader_config())
    with pytest.raises(ConfigurationError, match=r"bias = True .* and False .*with True too"):
        parts.merged(type="structured")


def test_recurrent_networks_over_unlike_vocabularies() -> None:
    parts = pair(lstm_config(8), lstm_config(4), lstm_reader_config())
    words = parts.predictive.vocab.get_vocab_size("tokens")
    facade = lstm_config(4)
    facade["text_field_embedder"]["token_embedders"]["tokens"]["num_embeddings"] = words + 1
    parts = pair(lstm_config(8), facade, lstm_reader_config())
    with pytest.raises(ConfigurationError, match=rf"has {words} and {words + 1} rows.*vocabulary"):
        parts.merged(type="structured")


@pytest.mark.parametrize(
    ("storage", "named"),
    [
        ("structured", r"word_embeddings has 64 and 70 rows"),
        ("dense", r"word_embeddings has 64 and 70 rows"),
        ("logits", "64 and 70 tokens"),
    ],
)
def test_tables_of_unlike_vocabularies(storage: str, named: str) -> None:
    parts = pair()
    by_hand.bert(parts.facade).resize_token_embeddings(70)
    with pytest.raises(ConfigurationError, match=named):
        parts.merged(type=storage)


def test_sums_of_logits_over_unlike_labels() -> None:
    parts = pair(classifier_config(), classifier_config(8, 2, num_labels=3))
    with pytest.raises(ConfigurationError, match="2 and 3 labels"):
        parts.merged(type="logits")


class Constant(Model):
    """Not a classifier that the package knows."""

    def forward(self, tokens: TextFieldTensors, label: Any = None) -> dict[str, Tensor]:
        return {"logits": torch.zeros(1, 2)}


def test_sums_of_models_whose_output_layer_is_unknown() -> None:
    parts = pair()
    with pytest.raises(ConfigurationError, match=r"Constant.*BasicClassifier"):
        SumOfLogits(parts.predictive, Constant(parts.facade.vocab))
