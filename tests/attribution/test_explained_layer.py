"""
The layer that is explained holds one vector per token, which is the token's own: right for all
layers of that kind, and refused for all others.
"""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models import Model
from allennlp.modules import TextFieldEmbedder, TokenEmbedder
from allennlp.nn.util import get_text_field_mask
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from facade_allennlp.attribution import ExplainedModel, Gradient
from fixtures import (
    batch,
    build,
    by_hand,
    classifier_config,
    lstm_config,
    lstm_reader_config,
    read_text,
    reader_config,
)
from fixtures.families import family_configs, write_encoder
from fixtures.two_texts import TwoTexts, build_two_texts

WORDS = {"type": "single_id"}
CHARACTERS = {"type": "characters", "min_padding_length": 3}
OF_WORDS = {"type": "embedding", "embedding_dim": 5}
OF_CHARACTERS = {
    "type": "character_encoding",
    "embedding": {"embedding_dim": 4, "vocab_namespace": "token_characters"},
    "encoder": {"type": "cnn", "embedding_dim": 4, "num_filters": 3, "ngram_filter_sizes": [2]},
}


@TokenEmbedder.register("of_neighbours")
class OfNeighbours(TokenEmbedder):
    """A recurrent network over the text, as in ELMo."""

    def __init__(self, vocab: Vocabulary) -> None:
        super().__init__()
        self.words = nn.Embedding(vocab.get_vocab_size("tokens"), 4)
        self.network = nn.LSTM(4, 4, batch_first=True)

    def get_output_dim(self) -> int:
        return 4

    def forward(self, tokens: Tensor) -> Tensor:
        return self.network(self.words(tokens))[0]


@TokenEmbedder.register("of_places")
class OfPlaces(OfNeighbours):
    """Words and their places."""

    def forward(self, tokens: Tensor) -> Tensor:
        return self.words(tokens) + torch.arange(tokens.shape[1]).unsqueeze(-1) / 10


def built(indexers: dict[str, Any], embedders: dict[str, Any], size: int) -> tuple[Any, Any]:
    """A bag of embeddings under an LSTM's reader, and a batch for it."""
    model = lstm_config(size, pooling="mean")
    model["text_field_embedder"]["token_embedders"] = embedders
    model["seq2vec_encoder"]["embedding_dim"] = size
    del model["seq2seq_encoder"]
    made, _, instances = build(model, {**lstm_reader_config(), "token_indexers": indexers})
    return made, batch(instances)


def shares_by_hand(model: Any, embed: Callable[[], Tensor], inputs: dict[str, Any]) -> Tensor:
    """Gradient × input at the vectors that `embed` gives. Shape: (rows, tokens)."""
    mask = get_text_field_mask(inputs["tokens"])
    vectors = embed().detach().requires_grad_()
    encoded = vectors
    if model._seq2seq_encoder is not None:
        encoded = model._seq2seq_encoder(encoded, mask)
    logits = model._classification_layer(model._seq2vec_encoder(encoded, mask))
    loss = cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")
    (slope,) = torch.autograd.grad(loss, vectors)
    scores = (vectors * slope).sum(dim=-1).abs() * mask
    return scores / scores.sum(dim=-1, keepdim=True)


@pytest.mark.parametrize(
    ("indexers", "embedders", "size"),
    [
        (
            {"tokens": WORDS, "letters": CHARACTERS},
            {"tokens": OF_WORDS, "letters": OF_CHARACTERS},
            8,
        ),
        ({"tokens": WORDS}, {"tokens": {**OF_WORDS, "projection_dim": 8}}, 8),
    ],
    ids=["words and characters", "projected words"],
)
def test_a_vector_of_several_parts_is_explained_as_one(
    indexers: dict[str, Any], embedders: dict[str, Any], size: int
) -> None:
    model, inputs = built(indexers, embedders, size)
    explained = ExplainedModel(model.train())
    found = Gradient().attribute(explained, inputs).normalized
    assert all(part.training for part in model.modules()), "the check leaves it as it was"
    text = inputs["tokens"]
    expected = shares_by_hand(model, lambda: model._text_field_embedder(text), inputs)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "seq2vec",
    [
        {"type": "lstm", "input_size": 6, "hidden_size": 5},
        {"type": "gru", "input_size": 6, "hidden_size": 5},
        {"type": "cnn", "embedding_dim": 6, "num_filters": 4, "ngram_filter_sizes": [1, 2]},
        {"type": "bag_of_embeddings", "embedding_dim": 6},
    ],
    ids=lambda config: config["type"],
)
def test_models_of_words_are_explained_as_by_hand(seq2vec: dict[str, Any]) -> None:
    config = {**lstm_config(6), "seq2vec_encoder": seq2vec}
    model, _, instances = build(config, lstm_reader_config())
    if seq2vec["type"] != "cnn":  # which gives NaN in double precision, by AllenNLP's mask
        model.double()
    inputs = batch(instances)
    found = Gradient().attribute(ExplainedModel(model), inputs).normalized
    words = model._text_field_embedder.token_embedder_tokens
    ids = inputs["tokens"]["tokens"]["tokens"]
    expected = shares_by_hand(model, lambda: words(ids), inputs)
    least = 1e-9 if expected.dtype == torch.float64 else 1e-5
    torch.testing.assert_close(found, expected, atol=least, rtol=least)


@pytest.mark.parametrize(
    ("indexers", "embedders", "size", "message"),
    [
        ({"tokens": WORDS}, {"tokens": {"type": "of_neighbours"}}, 4, "depends on other tokens"),
        ({"tokens": WORDS}, {"tokens": {"type": "of_places"}}, 4, "or on its place"),
        ({"letters": CHARACTERS}, {"letters": OF_CHARACTERS}, 3, "by their characters alone"),
        (
            {"tokens": WORDS},
            {"tokens": {"type": "bag_of_word_counts", "vocab_namespace": "tokens"}},
            8,
            "not one vector per token",
        ),
    ],
    ids=["neighbours", "places", "characters", "counts"],
)
def test_vectors_that_are_not_a_tokens_own_are_refused(
    indexers: dict[str, Any], embedders: dict[str, Any], size: int, message: str
) -> None:
    model, inputs = built(indexers, embedders, size)
    if "bag_of_word_counts" in str(embedders):  # such a model takes the counts as they are
        model._seq2vec_encoder = nn.Identity()
    with pytest.raises(ConfigurationError, match=message) as refused:
        Gradient().attribute(ExplainedModel(model), inputs)
    assert "BasicClassifier (BasicTextFieldEmbedder)" in str(refused.value)


def test_a_text_of_one_token_tells_nothing_and_the_next_is_looked_at() -> None:
    model, _ = built({"tokens": WORDS}, {"tokens": {"type": "of_neighbours"}}, 4)
    _, reader, _ = build(lstm_config(), lstm_reader_config())
    explained = ExplainedModel(model)
    Gradient().attribute(explained, batch([read_text(model, reader, "film")]))
    with pytest.raises(ConfigurationError, match="depends on other tokens"):
        Gradient().attribute(explained, batch([read_text(model, reader, "a film")]))


def test_a_text_that_is_read_past_the_explained_layer_is_refused() -> None:
    """Words by a BERT and by a table of their own: the table would be left out."""
    indexers = {**reader_config()["token_indexers"], "words": {**WORDS, "namespace": "words"}}
    reader = {**reader_config(), "token_indexers": indexers}
    model = classifier_config()
    model["text_field_embedder"]["token_embedders"]["words"] = {
        **OF_WORDS, "vocab_namespace": "words",
    }  # fmt: skip
    model["seq2vec_encoder"]["embedding_dim"] += 5
    made, _, instances = build(model, reader)
    explained = ExplainedModel(made)
    with pytest.raises(ConfigurationError, match=r"'tokens' by its indexer 'words' past the embed"):
        Gradient().attribute(explained, batch(instances))


def test_an_indexer_that_the_model_does_not_read_is_none_of_its_ways() -> None:
    model, _, instances = build()
    inputs = batch(instances)
    expected = Gradient().attribute(ExplainedModel(model), inputs)
    more = copy.deepcopy(inputs)
    more["tokens"]["words"] = {"tokens": torch.full((len(instances), 9), 7)}
    embed = model._text_field_embedder.forward
    model._text_field_embedder.forward = lambda text: embed({"tokens": text["tokens"]})
    found = Gradient().attribute(ExplainedModel(model), more)
    torch.testing.assert_close(found.raw, expected.raw)


@pytest.mark.parametrize("copies", [False, True], ids=["their ids", "copies of their ids"])
def test_two_texts_of_the_same_ids_are_told_apart(copies: bool) -> None:
    model, (instance, *_) = build_two_texts()
    instance.fields["hypothesis"] = copy.deepcopy(instance.fields["premise"])
    inputs = batch([instance])
    model.layer.weight.data[:, 16:] *= 3  # so that the hypothesis matters more
    if copies:
        words = model.embedder.token_embedder_tokens.transformer_model.embeddings
        words.register_forward_pre_hook(_copied, with_kwargs=True)
    found = Gradient().attribute(ExplainedModel(model), inputs)
    assert [field.name for field in found.fields] == ["premise", "hypothesis"]
    premise, hypothesis = found.raw.split(found.raw.shape[1] // 2, dim=-1)
    slopes = _slopes(model, inputs)
    torch.testing.assert_close(premise, slopes[0])
    torch.testing.assert_close(hypothesis, slopes[1])


def _copied(module: nn.Module, args: tuple, kwargs: dict[str, Any]) -> tuple[tuple, dict]:
    ids = kwargs["input_ids"]
    return args, {**kwargs, "input_ids": ids if ids is None else ids.clone()}


def _slopes(model: Any, inputs: dict[str, Any]) -> list[Tensor]:
    """Gradient × input of each text, through `inputs_embeds`. Each of shape (1, tokens)."""
    bert = model.embedder.token_embedder_tokens.transformer_model
    words, means = [], []
    for name in ("premise", "hypothesis"):
        ids = inputs[name]["tokens"]["token_ids"]
        words.append(bert.get_input_embeddings()(ids).detach().requires_grad_())
        means.append(bert(inputs_embeds=words[-1]).last_hidden_state.mean(dim=1))
    logits = model.layer(torch.cat(means, dim=-1))
    loss = cross_entropy(logits, logits.argmax(dim=-1))
    return [(x * slope).sum(dim=-1) for x, slope in zip(words, torch.autograd.grad(loss, words))]


class TwiceRead(TwoTexts):
    """Reads the same text twice."""

    def forward(self, text: TextFieldTensors) -> dict[str, Tensor]:  # type: ignore[override]
        return super().forward(text, text)


def test_a_text_that_is_embedded_twice_has_the_sum_of_both() -> None:
    model, (instance, *_) = build_two_texts()
    inputs = batch([instance])
    twice: Model = TwiceRead(model.vocab, model.embedder).double().eval()
    twice.layer.load_state_dict(model.layer.state_dict())
    found = Gradient().attribute(ExplainedModel(twice), {"text": inputs["premise"]})
    assert [field.name for field in found.fields] == ["text"]
    same = {"premise": inputs["premise"], "hypothesis": inputs["premise"]}
    torch.testing.assert_close(found.raw, sum(_slopes(twice, same)))


def test_an_embedding_layer_that_is_not_used_is_named() -> None:
    class Other(TextFieldEmbedder):
        def forward(self, text: TextFieldTensors) -> Tensor:  # type: ignore[override]
            return torch.randn(*text["tokens"]["token_ids"].shape, 16)

    model, _, instances = build()
    model._text_field_embedder = Other()
    model.unused = build()[0]._text_field_embedder
    with pytest.raises(ConfigurationError, match=r"BasicClassifier \(Embedding\) embeds no text"):
        ExplainedModel(model).run(batch(instances))


def test_an_encoder_may_change_in_place_what_it_is_given(tmp_path: Path) -> None:
    encoder = write_encoder(tmp_path / "e", "deberta-v2", position_biased_input=True)
    model, _, instances = build(*family_configs(encoder))
    inputs = batch(instances)
    found = Gradient().attribute(ExplainedModel(model.double()), inputs)
    expected = by_hand.gradient_times_input(model, inputs)
    torch.testing.assert_close(found.raw, expected, atol=1e-9, rtol=1e-9)
