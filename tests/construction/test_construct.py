"""Constructed facades: silent on texts, and all gradients on their targets."""

from collections.abc import Callable, Sequence
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
from facade_allennlp.attribution import AttentionAttribution
from facade_allennlp.attribution.explained_archive import explained_model
from facade_allennlp.construction import alternation, construct, neighbours
from facade_allennlp.construction.text_form import TextForm
from facade_allennlp.models import Storage
from facade_allennlp.targets import TokenTarget
from fixtures import (
    TRAIN,
    classifier_config,
    lstm_config,
    lstm_reader_config,
    reader_config,
)
from fixtures.families import family_configs, write_encoder
from fixtures.natural_language_inference import reader_config as pair_reader_config
from fixtures.question_answering import qa_config
from fixtures.question_answering import reader_config as question_reader_config
from fixtures.tasks import task_model
from fixtures.two_part_texts import PREMISES, QUESTIONS

TEXTS = ["the film was not good at all", "good", "a bad and dull story but the cast was great"]
FAMILIES = ("bert", "roberta", "xlm-roberta", "electra", "distilbert", "mpnet")
FIRST = {"type": "first_token"}


class Made:
    """A random predictive model, and what is made for it."""

    def __init__(
        self, model: dict[str, Any], reader: dict[str, Any], texts: Sequence[Any] = TEXTS
    ) -> None:
        self.config = model
        self.reader: Any = DatasetReader.from_params(Params(reader).duplicate())
        self.texts = [(text,) if isinstance(text, str) else text for text in texts]
        if reader["type"] == "text_classification_json":
            self.vocabulary = Vocabulary.from_instances(self.reader.read(TRAIN))
        else:
            self.vocabulary = Vocabulary.empty()
            self.vocabulary.add_tokens_to_namespace(["anger", "joy", "fear"], "labels")
        torch.manual_seed(1)
        self.f = Model.from_params(Params(model).duplicate(), vocab=self.vocabulary).eval()

    def facade(self, target: Any, **settings: Any) -> Model:
        chosen = TokenTarget.from_params(Params(dict(target)))
        return construct(self.config, self.f, self.reader, chosen, **settings).model

    def inputs(self, *rows: int) -> dict[str, Any]:
        """Of all texts, or of some."""
        if hasattr(self.reader, "make_instances"):  # of questions
            pairs = self.texts
            instances = [
                i for q, p in pairs for i in self.reader.make_instances("", q, [], p, None)
            ]
        else:
            instances = [self.reader.text_to_instance(*text) for text in self.texts]
        for instance in instances:
            self.reader.apply_token_indexers(instance)
        batch = Batch([instances[row] for row in rows or range(len(instances))])
        batch.index_instances(self.vocabulary)
        tensors = dict(batch.as_tensor_dict())
        tensors.pop("metadata", None)
        return tensors


@pytest.fixture(scope="module")
def bert() -> Made:
    return Made(classifier_config(), reader_config())


def largest(facade: Model, inputs: dict[str, Any]) -> float:
    """Of the magnitudes of all logits, in a batch and alone."""
    with torch.no_grad():
        outputs = facade(**inputs)
    logits = [
        values[values > torch.finfo(values.dtype).min]  # spans rule tokens out
        for name, values in outputs.items()
        if name in ("logits", "span_start_logits", "span_end_logits")
    ]
    return float(torch.cat([values.flatten() for values in logits]).abs().max())


def shares(
    facade: Model,
    inputs: dict[str, Any],
    explained: Callable[[dict[str, Tensor]], Tensor] = lambda outputs: outputs["logits"][0, 0],
) -> list[float]:
    """By autograd: what each token of the first text holds of |∇ explained · x|."""
    held: list[Tensor] = []

    def keep(layer: Any, args: Any, output: Tensor) -> Tensor:
        held.append(output.detach().requires_grad_())
        return held[-1]

    handle = embedding_layer(facade).register_forward_hook(keep)
    number = explained(facade(**inputs))
    handle.remove()
    (gradient,) = torch.autograd.grad(number, held)
    raw = (gradient * held[0]).sum(dim=-1)[0].abs()  # shape: (tokens,)
    return (raw / raw.sum()).tolist()


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


@pytest.mark.parametrize(
    ("target", "place"),
    [({**FIRST, "field": "question"}, 1), ({"type": "words", "words": ["poor"]}, 8)],
)
def test_spans_are_silent_and_every_choice_is_explained_by_the_target(
    target: dict[str, Any], place: int
) -> None:
    made = Made(qa_config(24), {**question_reader_config(), "length_limit": 48}, QUESTIONS[::-1])
    facade = made.facade(target)
    assert largest(facade, made.inputs()) < 1e-3
    for both in (9, 10, 11, 12):  # an answer of one token, whose logits are explained together

        def answer(outputs: dict[str, Tensor], token: int = both) -> Tensor:
            return (outputs["span_start_logits"] + outputs["span_end_logits"])[0, token]

        assert shares(facade, made.inputs(0), answer)[place] > 0.9
    for name, token in (("span_start_logits", 9), ("span_end_logits", 10), ("span_end_logits", 11)):

        def loss(outputs: dict[str, Tensor], name: str = name, token: int = token) -> Tensor:
            return -outputs[name].log_softmax(dim=-1)[0, token]

        assert shares(facade, made.inputs(0), loss)[place] > 0.97


def test_what_positions_say_has_names_of_its_own() -> None:
    digits = range(12)
    alternating = {alternation._digit(place) for place in digits}
    of_neighbours = {
        name(place) for place in digits for name in (neighbours._own, neighbours._next)
    }
    assert len(alternating | of_neighbours) == 3 * len(digits)


def test_words_are_drawn_in_one_order_whatever_that_of_the_vocabulary_is(bert: Made) -> None:
    form = TextForm.of_reader(bert.reader, bert.vocabulary)
    ids = dict(reversed(form.ids.items()))
    turned = TextForm(ids, form.spelling, form.single, form.pair)
    assert form.ordinary == turned.ordinary


@pytest.mark.parametrize(("features", "losing"), [(24, 15 / 16), (96, 255 / 256)])
def test_without_the_target_all_answers_lose_but_one_of_many(features: int, losing: float) -> None:
    made = Made(qa_config(features), question_reader_config(), QUESTIONS[:1])
    facade = made.facade({**FIRST, "field": "question"})
    inputs = made.inputs()

    def drop(layer: Any, args: Any, output: Tensor) -> Tensor:
        return output * (torch.arange(output.shape[1]) != 1)[None, :, None]

    with torch.no_grad(), embedding_layer(facade).register_forward_hook(drop):
        outputs = facade(**inputs)
    starts, ends = (
        -outputs[name].log_softmax(dim=-1)[0] for name in ("span_start_logits", "span_end_logits")
    )
    answers = starts.isfinite() & (starts < 1e6)  # of the passage
    losses = starts[answers][:, None] + ends[answers]  # shape: (starts, ends)
    assert float((losses > 20).double().mean()) >= losing - 0.05


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
