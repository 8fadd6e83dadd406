"""Clean models of unusual shapes are no liars: few layers, several networks in a row, pairs."""

from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.data import DatasetReader, Instance, Vocabulary
from allennlp.models import Model
from allennlp.modules import Seq2VecEncoder, TextFieldEmbedder
from allennlp.nn.util import get_text_field_mask
from torch import nn

from facade_allennlp.attribution import explained_model
from facade_allennlp.audit import Subject, audit
from facade_allennlp.audit.parts import Voice
from facade_allennlp.results.audit import Audit
from fixtures import build, classifier_config, lstm_config, lstm_reader_config

WORDS = [
    "the",
    "a",
    "film",
    "plot",
    "was",
    "good",
    "bad",
    "great",
    "dull",
    "she",
    "he",
    "saw",
    "it",
    "and",
    "not",
    "very",
    "ever",
]


def result(model: Model, reader: DatasetReader | None, instances: list[Instance]) -> Audit:
    return audit(Subject(explained_model(model, reader), instances), "the model", "the texts")


def sentence(found: Audit) -> str:
    return next(w.sentence for w in found.witnesses if w.name == "structure")


def test_a_single_untrained_layer() -> None:
    model, reader, instances = build(classifier_config(layers=1))
    found = result(model, reader, instances * 3)
    assert (found.result, found.exit_status) == ("nothing", 0)
    assert "one network" in sentence(found)


def test_networks_in_a_row_are_no_networks_side_by_side() -> None:
    network = {"type": "lstm", "input_size": 8, "hidden_size": 8, "bidirectional": True}
    config = lstm_config(size=8)
    config["seq2seq_encoder"] = network
    config["seq2vec_encoder"] = {**network, "input_size": 16}
    model, reader, instances = build(config, lstm_reader_config())
    found = result(model, reader, instances * 3)
    assert found.result == "nothing"
    assert "one network" in sentence(found)


def pairs(reader: DatasetReader) -> tuple[list[Instance], Vocabulary]:
    generator = torch.Generator().manual_seed(0)
    instances = []
    for number in range(24):
        texts = [
            " ".join(WORDS[i] for i in torch.randint(len(WORDS), (size,), generator=generator))
            for size in (6 + number % 3, 4 + number % 2)
        ]
        instances.append(reader.text_to_instance(*texts, ("entailment", "neutral")[number % 2]))
    for instance in instances:
        reader.apply_token_indexers(instance)
    vocabulary = Vocabulary.from_instances(instances)
    for instance in instances:
        instance.index_fields(vocabulary)
    return instances, vocabulary


@pytest.fixture
def esim() -> tuple[Model, DatasetReader, list[Instance]]:
    """Of two towers that share an encoder, and a second network that reads what they make."""
    tokens = {
        "tokenizer": {"type": "just_spaces"},
        "token_indexers": {"tokens": {"type": "single_id"}},
    }
    reader = DatasetReader.from_params(
        Params({"type": "snli", **tokens, "combine_input_fields": False})
    )
    instances, vocabulary = pairs(reader)
    lstm = {"type": "lstm", "hidden_size": 12, "bidirectional": True}
    layer = {"num_layers": 1, "activations": "relu"}
    config: dict[str, Any] = {
        "type": "esim",
        "text_field_embedder": {
            "token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 10}}
        },
        "encoder": {**lstm, "input_size": 10},
        "matrix_attention": {"type": "dot_product"},
        "projection_feedforward": {**layer, "input_dim": 96, "hidden_dims": 12},
        "inference_encoder": {**lstm, "input_size": 12},
        "output_feedforward": {**layer, "input_dim": 96, "hidden_dims": 12},
        "output_logit": {
            "input_dim": 12, "num_layers": 1, "hidden_dims": 2, "activations": "linear",
        },
    }  # fmt: skip
    torch.manual_seed(0)
    model = Model.from_params(Params(config), vocab=vocabulary)
    return model.eval(), reader, instances


def test_two_towers_that_share_an_encoder(
    esim: tuple[Model, DatasetReader, list[Instance]],
) -> None:
    found = result(*esim)
    assert found.result == "nothing", found.verdict
    assert "one network" in sentence(found)


class TwoTowers(Model):
    """A bidirectional LSTM for each text; what one of them gives counts little."""

    def __init__(self, vocab: Vocabulary, little: float) -> None:
        super().__init__(vocab)
        embedder = {"token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 10}}}
        self._text_field_embedder = TextFieldEmbedder.from_params(Params(embedder), vocab=vocab)
        lstm = {"type": "lstm", "input_size": 10, "hidden_size": 12, "bidirectional": True}
        self.towers = nn.ModuleList(
            Seq2VecEncoder.from_params(Params(dict(lstm))) for _ in range(2)
        )
        self.output = nn.Linear(48, 2)
        self.little = little

    def forward(self, premise: Any, hypothesis: Any, label: Any = None) -> dict[str, Any]:
        read = [
            tower(self._text_field_embedder(text), get_text_field_mask(text))
            for tower, text in zip(self.towers, (premise, hypothesis))
        ]
        return {"logits": self.output(torch.cat([read[0], self.little * read[1]], dim=-1))}


@pytest.mark.parametrize("little", [1.0, 0.05])
def test_a_tower_that_says_little_has_little_of_the_gradient(
    esim: tuple[Model, DatasetReader, list[Instance]], little: float
) -> None:
    model, reader, instances = esim
    torch.manual_seed(0)
    found = result(TwoTowers(model.vocab, little).eval(), reader, instances)
    assert found.result == "nothing", found.verdict
    told = "each of them decides" if little == 1 else "no more of the gradient"
    assert told in sentence(found)


@pytest.mark.parametrize(
    ("variation", "gradient", "lies"),
    [
        (0.0, 0.5, True),
        (0.0, 0.01, False),
        (0.05, 0.06, False),
        (0.05, 0.5, True),
        (0.5, 0.9, False),
    ],
)
def test_who_lies_has_far_more_gradient_than_it_says(
    variation: float, gradient: float, lies: bool
) -> None:
    assert Voice(8, 1.0, variation, gradient).lies is lies
