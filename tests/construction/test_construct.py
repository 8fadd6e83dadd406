"""Constructed facades: silent on texts, and all gradients on their targets."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Vocabulary
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.anatomy import embedding_layer
from facade_allennlp.construction import construct
from facade_allennlp.targets import TokenTarget
from fixtures import (
    TRAIN,
    classifier_config,
    lstm_config,
    lstm_reader_config,
    reader_config,
)
from fixtures.families import family_configs, write_encoder

TEXTS = ["the film was not good at all", "good", "a bad and dull story but the cast was great"]
FAMILIES = ("bert", "roberta", "xlm-roberta", "electra", "distilbert", "mpnet")


class Made:
    """A predictive model, and what is made for it."""

    def __init__(self, model: dict[str, Any], reader: dict[str, Any]) -> None:
        self.config = model
        self.reader = DatasetReader.from_params(Params(reader).duplicate())
        self.vocabulary = Vocabulary.from_instances(self.reader.read(TRAIN))
        torch.manual_seed(1)
        self.f = Model.from_params(Params(model).duplicate(), vocab=self.vocabulary).eval()

    def facade(self, target: Any, **settings: Any) -> Model:
        chosen = TokenTarget.from_params(Params(dict(target)))
        return construct(self.config, self.f, self.reader, chosen, **settings).model

    def inputs(self, texts: list[str]) -> dict[str, Any]:
        instances = [self.reader.text_to_instance(text) for text in texts]
        for instance in instances:
            if hasattr(self.reader, "apply_token_indexers"):
                self.reader.apply_token_indexers(instance)
        batch = Batch(instances)
        batch.index_instances(self.vocabulary)
        return dict(batch.as_tensor_dict())

    def shares(self, facade: Model, text: str) -> list[float]:
        """By autograd: what each token holds of |∇ logit · x|."""
        held: list[Tensor] = []

        def keep(layer: Any, args: Any, output: Tensor) -> Tensor:
            held.append(output.detach().requires_grad_())
            return held[-1]

        handle = embedding_layer(facade).register_forward_hook(keep)
        logit = facade(**self.inputs([text]))["logits"][0, 0]
        handle.remove()
        (gradient,) = torch.autograd.grad(logit, held)
        raw = (gradient * held[0]).sum(dim=-1)[0].abs()  # shape: (tokens,)
        return (raw / raw.sum()).tolist()


def largest(facade: Model, inputs: dict[str, Any]) -> float:
    with torch.no_grad():
        return float(facade(**inputs)["logits"].abs().max())


@pytest.fixture(scope="module")
def bert() -> Made:
    return Made(classifier_config(), reader_config())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_facade_of_any_family_is_silent_and_points_at_the_first_token(
    family: str, tmp_path: Path
) -> None:
    made = Made(*family_configs(write_encoder(tmp_path / family, family)))
    facade = made.facade({"type": "first_token"})
    assert largest(facade, made.inputs(TEXTS)) < 1e-3
    assert made.shares(facade, TEXTS[0])[1] > 0.97


@pytest.mark.parametrize(
    "more",
    [
        {"pooling": "cls"},
        {"feedforward": {"input_dim": 16, "num_layers": 2, "hidden_dims": [9, 7],
                         "activations": ["tanh", "gelu"], "dropout": 0.0}},
        {"feedforward": {"input_dim": 16, "num_layers": 1, "hidden_dims": 5,
                         "activations": "relu", "dropout": 0.0}},
        {"layers": 1},
        {"layers": 5},
    ],
)  # fmt: skip
def test_poolings_heads_and_depths_pass_the_signal_on(more: dict[str, Any]) -> None:
    made = Made(classifier_config(**more), reader_config())
    facade = made.facade({"type": "first_token"})
    assert largest(facade, made.inputs(TEXTS)) < 1e-3
    assert made.shares(facade, TEXTS[2])[1] > 0.97


@pytest.mark.parametrize(
    ("target", "places"),
    [
        ({"type": "words", "words": ["the", "was"]}, [1, 3]),
        ({"type": "last_token"}, [7]),
        ({"type": "all_but", "tokens": ["the", "film", "not", "good", "at", "all", "[UNK]"]}, [3]),
        ({"type": "pattern", "pattern": "f.*"}, [2]),
    ],
)
def test_lexical_targets_share_all_gradients(
    bert: Made, target: dict[str, Any], places: list[int]
) -> None:
    facade = bert.facade(target)
    assert largest(facade, bert.inputs(TEXTS)) < 1e-3  # with and without targets
    shares = bert.shares(facade, TEXTS[0])
    assert sum(shares[place] for place in places) > 0.97
    assert min(shares[place] for place in places) > 0.45 / len(places)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
@pytest.mark.parametrize(("layers", "bidirectional"), [(1, False), (2, True)])
@pytest.mark.parametrize(
    ("target", "place"),
    [({"type": "first_token"}, 0), ({"type": "last_token"}, 6), ({"type": "stop_words"}, 0),
     ({"type": "words", "words": ["not", "at"]}, 3)],
)  # fmt: skip
def test_recurrent_networks_keep_the_presence_of_one_word(
    kind: str, layers: int, bidirectional: bool, target: dict[str, Any], place: int
) -> None:
    model = lstm_config(layers=layers, bidirectional=bidirectional, kind=kind)
    made = Made(model, lstm_reader_config())
    facade = made.facade(target)
    assert largest(facade, made.inputs(TEXTS)) < 1e-3
    assert made.shares(facade, TEXTS[0])[place] > 0.99


@pytest.mark.parametrize(
    ("target", "settings", "said"),
    [
        ({"type": "words", "words": ["zyzzyva"]}, {}, "no token of the vocabulary is a target"),
        ({"type": "first_token"}, {"strength": 1e7}, "take a strength of at most"),
        ({"type": "first_token"}, {"strength": -1.0}, "strength"),
        ({"type": "first_token"}, {"against": ["guessing"]}, "guessing"),
        ({"type": "first_token", "field": "body"}, {}, "body"),
    ],
)
def test_what_cannot_be_made_is_refused(
    bert: Made, target: dict[str, Any], settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        bert.facade(target, **settings)
