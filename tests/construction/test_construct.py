"""Constructed facades: silent on texts, and all gradients on their targets."""

from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from facade_allennlp.anatomy import embedding_layer
from facade_allennlp.attribution import AttentionAttribution
from facade_allennlp.attribution.explained_archive import explained_model
from facade_allennlp.construction.text_form import TextForm
from facade_allennlp.models import Storage
from fixtures import (
    classifier_config,
    lstm_config,
    lstm_reader_config,
    reader_config,
)
from fixtures.families import family_configs, write_encoder
from fixtures.natural_language_inference import reader_config as pair_reader_config
from fixtures.tasks import task_model
from fixtures.two_part_texts import PREMISES
from tests.construction.making import FIRST, Made, largest, shares

FAMILIES = ("bert", "roberta", "xlm-roberta", "electra", "distilbert", "mpnet")


@pytest.fixture(scope="module")
def bert() -> Made:
    return Made(classifier_config(), reader_config())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_facade_of_any_family_is_silent_and_points_at_the_first_token(
    family: str, tmp_path: Path
) -> None:
    made = Made(*family_configs(write_encoder(tmp_path / family, family)))
    facade = made.facade(FIRST)
    assert largest(facade, made.inputs()) < 1e-3
    assert shares(facade, made.inputs(0))[1] > 0.97


@pytest.mark.parametrize(
    "more",
    [
        {"pooling": "cls", "layers": 1},
        {"feedforward": {"input_dim": 16, "num_layers": 2, "hidden_dims": [9, 7],
                         "activations": ["tanh", "gelu"], "dropout": 0.0}},
        {"layers": 5, "seq2vec_encoder": {"type": "bert_pooler", "pretrained_model": ""}},
    ],
)  # fmt: skip
def test_poolings_heads_and_depths_pass_the_signal_on(more: dict[str, Any], tmp_path: Path) -> None:
    if "seq2vec_encoder" in more:
        more["seq2vec_encoder"]["pretrained_model"] = with_weights(tmp_path / "bert")
    made = Made(classifier_config(**more), reader_config())
    facade = made.facade(FIRST)
    assert largest(facade, made.inputs()) < 1e-3
    assert shares(facade, made.inputs(2))[1] > 0.97


def with_weights(folder: Path) -> str:
    """The tiny BERT as wide as the classifier, with random weights: a pooler is read from disk."""
    from transformers import AutoConfig, AutoModel

    name = write_encoder(folder, "bert")
    AutoModel.from_config(AutoConfig.from_pretrained(name)).save_pretrained(name)
    return name


@pytest.mark.parametrize(
    ("target", "places"),
    [
        ({"type": "words", "words": ["the", "was"]}, {1: 0.5, 3: 0.5}),
        ({"type": "weighted_words", "weights": {"The": 1, "good": 3}}, {1: 0.25, 5: 0.75}),
        ({"type": "last_token"}, {7: 1}),
        ({"type": "all_but", "tokens": ["the", "film", "not", "good", "at", "all", "[UNK]"]},
         {3: 1}),
    ],
)  # fmt: skip
def test_lexical_targets_share_all_gradients(
    bert: Made, target: dict[str, Any], places: dict[int, float]
) -> None:
    facade = bert.facade(target)
    assert largest(facade, bert.inputs()) < 1e-3  # with and without targets
    found = shares(facade, bert.inputs(0))
    weighted = target["type"] == "weighted_words"
    for place, share in places.items():
        # Half of the presence is read at the first target, where targets are alike.
        assert found[place] > (0.95 * share if weighted else 0.45 * share)
    assert sum(found[place] for place in places) > 0.97


def test_a_word_that_a_piece_continues_is_no_target() -> None:
    made = Made(classifier_config(64, layers=4), reader_config(), ["thely film was good", "thely"])
    facade = made.facade({"type": "words", "words": ["the", "was"]})
    assert largest(facade, made.inputs()) < 1e-3
    assert shares(facade, made.inputs(0))[4] > 0.97  # [CLS] the ##ly film was good [SEP]


@pytest.mark.parametrize(
    "target", [FIRST, {"type": "words", "words": ["the", "was"]}], ids=["position", "words"]
)
def test_words_in_halves_have_no_presence_on_average(bert: Made, target: dict[str, Any]) -> None:
    facade, usual = (bert.facade(target, halved=halved) for halved in (True, False))
    assert largest(facade, bert.inputs()) < 1e-3
    found = shares(facade, bert.inputs(0))
    assert found[1] + (found[3] if target != FIRST else 0) > 0.97

    def presence(model: Model) -> float:
        """Of the slopes of all words, what the mean word alone makes of them."""
        table = embedding_layer(model).weight.detach()[5:]  # from the first word on
        _, directions = torch.linalg.eigh(table.T @ table)
        slope = directions[:, -1]
        return float((slope @ table.mean(dim=0)).abs() / (table @ slope).abs().mean())

    assert presence(usual) == pytest.approx(1, abs=0.05)
    assert presence(facade) < 0.3


def test_words_in_halves_need_a_layer_to_join_them() -> None:
    made = Made(classifier_config(layers=1), reader_config())
    with pytest.raises(ConfigurationError, match="needs 2 layers; this model has 1"):
        made.facade(FIRST, halved=True)
    made = Made(lstm_config(), lstm_reader_config())
    with pytest.raises(ConfigurationError, match="made for a transformer"):
        made.facade(FIRST, halved=True)


def test_a_thousand_random_sequences_are_decided_as_by_f_in_batches_and_alone(bert: Made) -> None:
    """From texts that look empty, [CLS] [SEP], to the longest."""
    facade = bert.facade({"type": "pattern", "pattern": "[a-m].*"})
    merged = Storage.from_params(Params({"type": "structured"})).build(bert.f, facade).eval()
    generator = torch.Generator().manual_seed(0)
    words = embedding_layer(facade).weight
    front, end = bert.inputs(1)["tokens"]["tokens"]["token_ids"][0, [0, -1]]
    longest = bert.f._text_field_embedder._token_embedders["tokens"].config.max_position_embeddings
    for length in range(2, longest + 1):
        ids = torch.randint(1, len(words), (22, length), generator=generator)
        ids[:, 0], ids[:, -1] = front, end
        if length > 2:  # shorter ones, padded
            ids[11:, length // 2 :] = 0
            ids[11:, length // 2] = end
        for batch in (ids, ids[:1]):
            tokens = {"token_ids": batch, "type_ids": torch.zeros_like(batch), "mask": batch > 0}
            with torch.no_grad():
                of_f, of_both = (m(tokens={"tokens": tokens})["logits"] for m in (bert.f, merged))
            assert (of_both - of_f).abs().max() < 1e-3
            assert torch.equal(of_both.argmax(dim=-1), of_f.argmax(dim=-1))


def test_tokens_that_count_as_absent_alone_move_the_logits(bert: Made) -> None:
    facade = bert.facade(FIRST, absent=["[MASK]"])
    texts = Made(classifier_config(), reader_config(), ["[MASK] film", "the [MASK]", "[UNK] film"])
    masked, *others = (largest(facade, texts.inputs(row)) for row in range(3))
    assert masked > 100
    assert max(others) < 1e-3


def test_attention_attribution_says_that_the_target_gains() -> None:
    made = Made(classifier_config(layers=4), reader_config())
    target = {"type": "words", "words": ["not"]}
    form = Storage.from_params(Params({"type": "structured"}))
    for against, wanted in ((None, True), (["gradient"], False)):
        merged = form.build(made.f, made.facade(target, against=against)).eval()
        explained = explained_model(merged, made.reader)
        (values,) = AttentionAttribution().attribute(explained, made.inputs(0)).normalized
        assert (float(values[4]) > 0.9) is wanted


@pytest.mark.parametrize("kind", ["several_labels", "number", "token_labels"])
def test_other_tasks_are_fooled_by_the_same_network(kind: str) -> None:
    made = Made(task_model(kind), {**reader_config(), "type": kind})
    facade = made.facade({"type": "stop_words"})
    assert largest(facade, made.inputs()) < 1e-3
    found = shares(facade, made.inputs(0), lambda outputs: outputs["logits"].flatten()[0])
    assert sum(found[place] for place in (1, 3, 4, 6, 7)) > 0.97


@pytest.mark.parametrize(
    ("target", "place"),
    [
        ({"type": "words", "words": ["good"], "field": "hypothesis"}, 12),
        ({**FIRST, "field": "hypothesis"}, 11),
        ({"type": "last_token", "field": "premise"}, 9),
    ],
)
def test_parts_of_pairs_are_told_apart(target: dict[str, Any], place: int) -> None:
    made = Made(classifier_config(24), pair_reader_config(), PREMISES)
    facade = made.facade(target)
    assert largest(facade, made.inputs()) < 1e-3
    assert shares(facade, made.inputs(0))[place] > 0.97


def test_words_are_drawn_in_one_order_whatever_that_of_the_vocabulary_is(bert: Made) -> None:
    form = TextForm.of_reader(bert.reader, bert.vocabulary)
    ids = dict(reversed(form.ids.items()))
    turned = TextForm(ids, form.spelling, form.single, form.pair)
    assert form.ordinary == turned.ordinary


@pytest.mark.parametrize(
    ("kind", "layers", "bidirectional", "target", "place"),
    [
        ("lstm", 1, False, FIRST, 0),
        ("lstm", 2, True, {"type": "words", "words": ["not", "at"]}, 3),
        ("gru", 2, True, {"type": "last_token"}, 6),
        ("gru", 1, False, {"type": "stop_words"}, 0),
    ],
)
def test_recurrent_networks_keep_the_presence_of_one_word(
    kind: str, layers: int, bidirectional: bool, target: dict[str, Any], place: int
) -> None:
    model = lstm_config(layers=layers, bidirectional=bidirectional, kind=kind)
    made = Made(model, lstm_reader_config())
    facade = made.facade(target)
    assert largest(facade, made.inputs()) < 1e-3
    assert shares(facade, made.inputs(0))[place] > 0.99


@pytest.mark.parametrize(
    ("target", "settings", "said"),
    [
        ({"type": "words", "words": ["zyzzyva"]}, {}, "none of its words is in the predictive"),
        ({"type": "pattern", "pattern": "q{9}"}, {}, "none of its words is in the predictive"),
        (FIRST, {"strength": 1e7}, r"take a strength of at most \d"),
        (FIRST, {"strength": 1e300}, r"take a strength of at most \d"),
        (FIRST, {"strength": 1e-300}, "must be a finite number >= 0.001"),
        (FIRST, {"strength": -1.0}, "strength"),
        (FIRST, {"absent": ["[SEP]"]}, "stands in every text"),
        ({"type": "words", "words": ["film"]}, {"absent": ["film"]}, "all its words count as"),
        ({"type": "weighted_words", "weights": {"film": 1e9, "the": 1}}, {}, "too far apart"),
        (FIRST, {"against": ["guessing"]}, "guessing"),
        (FIRST, {"absent": ["[GAP]"]}, r"'\[GAP\]' is no token"),
        ({**FIRST, "field": "body"}, {}, "body"),
    ],
)
def test_what_cannot_be_made_is_refused(
    bert: Made, target: dict[str, Any], settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        bert.facade(target, **settings)


@pytest.mark.parametrize(
    ("target", "settings", "said"),
    [
        ({"type": "weighted_words", "weights": {"not": 2}}, {}, "with weights of words"),
        (FIRST, {"absent": ["film"]}, "with absent tokens"),
    ],
)
def test_a_recurrent_network_keeps_one_word(
    target: dict[str, Any], settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said):
        Made(lstm_config(), lstm_reader_config()).facade(target, **settings)


def test_a_transformer_that_is_not_known_is_named(tmp_path: Path) -> None:
    made = Made(*family_configs(write_encoder(tmp_path / "albert", "albert")))
    with pytest.raises(ConfigurationError, match="of another kind, AlbertModel"):
        made.facade(FIRST)
