import copy
from collections.abc import Callable
from typing import Any

import pytest
import torch
from allennlp.models import Model
from allennlp.modules.token_embedders import Embedding
from allennlp.nn.util import find_embedding_layer, get_text_field_mask
from torch import Tensor
from torch.nn.functional import cross_entropy

from facade_allennlp.models import SumOfLogits
from fixtures import by_hand, classifier_config, lstm_config, lstm_reader_config
from fixtures.pairs import STORAGES, Pair, lstm_pair, pair


def bert_pair(layers: int, pooling: str) -> Pair:
    return pair(classifier_config(16, 4, layers, pooling), classifier_config(8, 2, layers, pooling))


PAIRS: dict[str, Callable[[], Pair]] = {
    "BERT, 1 layer, mean": lambda: bert_pair(1, "mean"),
    "BERT, 2 layers, mean": lambda: bert_pair(2, "mean"),
    "BERT, 2 layers, [CLS]": lambda: bert_pair(2, "cls"),
    "BERT, 3 layers, [CLS]": lambda: bert_pair(3, "cls"),
    "LSTM, 1 layer": lambda: lstm_pair(1),
    "LSTM, 2 layers": lambda: lstm_pair(2),
    "LSTM, 1 layer, both ways": lambda: lstm_pair(1, True),
    "LSTM, 3 layers, both ways": lambda: lstm_pair(3, True),
    "LSTM, 2 layers, mean": lambda: lstm_pair(2, False, "mean"),
    "LSTM, 2 layers, both ways, mean": lambda: lstm_pair(2, True, "mean"),
    "LSTM, 1 layer, both ways, last": lambda: lstm_pair(1, True, "last"),
    "GRU, 2 layers, both ways": lambda: lstm_pair(2, True, kind="gru"),
}


@pytest.fixture(params=PAIRS, scope="module")
def parts(request: pytest.FixtureRequest) -> Pair:
    torch.manual_seed(0)
    made = PAIRS[request.param]()
    mask = get_text_field_mask(made.inputs["tokens"])
    assert not mask.all(), "the batch is meant to hold padding"
    return made


def gradients_at_the_embedding_layer(model: Model, inputs: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """
    What the one embedding layer that AllenNLP finds returned, and the gradient of the loss with
    respect to it. Both of shape (batch, tokens, features).
    """
    seen: list[Tensor] = []
    handle = find_embedding_layer(model).register_forward_hook(
        lambda layer, args, output: seen.append(output)
    )
    logits = model(**inputs)["logits"]
    handle.remove()
    assert len(seen) == 1, "the embedding layer is meant to be called once"
    return seen[0].detach(), torch.autograd.grad(summed_loss(logits), seen[0])[0]


def summed_loss(logits: Tensor) -> Tensor:
    return cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")


@pytest.mark.parametrize("storage", STORAGES)
def test_logits_equal_the_sum_of_the_parts(parts: Pair, storage: str) -> None:
    merged = parts.merged(**STORAGES[storage])
    with torch.no_grad():
        found = merged(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    "storage", [{"type": "structured"}, {"type": "logits"}, {"type": "dense", "noise": 0}]
)
def test_the_sum_is_exact_in_double_precision(parts: Pair, storage: dict[str, Any]) -> None:
    parts = copy.deepcopy(parts).double()
    merged = parts.merged(**storage)
    with torch.no_grad():
        found = merged(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-10, rtol=0)


@pytest.mark.parametrize("storage", STORAGES)
def test_gradients_equal_those_of_the_parts_side_by_side(parts: Pair, storage: str) -> None:
    x_f, x_g = parts.embeddings(parts.inputs)
    loss = summed_loss(parts.summed_at(parts.inputs, [x_f, x_g]))
    expected_gradients = torch.cat(torch.autograd.grad(loss, [x_f, x_g]), dim=-1)
    expected_inputs = torch.cat([x_f, x_g], dim=-1).detach()

    merged = parts.merged(**STORAGES[storage])
    embedded, gradients = gradients_at_the_embedding_layer(merged, parts.inputs)

    if storage == "dense":
        # Random columns are all different, so that equal ones show where a feature has gone.
        order = (embedded.flatten(0, 1).T.unsqueeze(1) == expected_inputs.flatten(0, 1).T).all(-1)
        assert (order.sum(dim=1) == 1).all()
        order = order.int().argmax(dim=1)
        expected_inputs, expected_gradients = (
            expected_inputs[..., order],
            expected_gradients[..., order],
        )
    torch.testing.assert_close(embedded, expected_inputs, atol=0, rtol=0)
    torch.testing.assert_close(gradients, expected_gradients, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("storage", STORAGES)
def test_the_embedding_layer_has_the_features_of_both(storage: str) -> None:
    layer = find_embedding_layer(pair().merged(**STORAGES[storage]))
    assert layer.embedding_dim == 16 + 8
    assert layer.weight.shape == (64, 16 + 8)


@pytest.mark.parametrize("storage", ["structured", "dense"])
def test_the_embedding_layer_of_lstms_is_one_table_of_allennlp(storage: str) -> None:
    lstms = lstm_pair()
    layer = find_embedding_layer(lstms.merged(type=storage))
    words = lstms.predictive.vocab.get_vocab_size("tokens")
    assert isinstance(layer, Embedding)
    assert layer.get_output_dim() == 8 + 4
    assert layer.weight.shape == (words, 8 + 4)
    torch.testing.assert_close(layer(torch.arange(words)), layer.weight)


@pytest.mark.parametrize("storage", ["structured", "dense"])
def test_the_table_of_lstms_grows_with_the_vocabulary(storage: str) -> None:
    merged = lstm_pair().merged(type=storage)
    known = find_embedding_layer(merged).weight.detach()
    merged.vocab.add_token_to_namespace("unheard", "tokens")
    merged.extend_embedder_vocab()
    weight = find_embedding_layer(merged).weight
    assert weight.shape == (len(known) + 1, 8 + 4)
    torch.testing.assert_close(weight[:-1], known)


@pytest.mark.parametrize("storage", ["structured", "dense"])
def test_modules_on_the_way_tell_their_new_width(storage: str) -> None:
    merged = pair().merged(type=storage)
    assert merged._text_field_embedder.get_output_dim() == 24
    assert merged._seq2vec_encoder.get_input_dim() == 24
    assert merged._seq2vec_encoder.get_output_dim() == 24
    assert by_hand.bert(merged).config.num_attention_heads == 6
    assert merged._text_field_embedder._token_embedders["tokens"] in set(merged.modules())


@pytest.mark.parametrize("storage", STORAGES)
def test_the_loss_is_that_of_the_summed_logits_on_the_gold_labels(storage: str) -> None:
    parts = pair()
    with torch.no_grad():
        found = parts.merged(**STORAGES[storage])(**parts.inputs)["loss"]
    expected = cross_entropy(parts.summed_logits(parts.inputs), parts.inputs["label"])
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


@pytest.mark.parametrize("storage", STORAGES)
def test_labels_are_decoded_as_the_predictive_model_decodes_them(storage: str) -> None:
    parts = pair()
    merged = parts.merged(**STORAGES[storage])
    names = parts.predictive.vocab.get_index_to_token_vocabulary("labels")
    found = [output["label"] for output in merged.forward_on_instances(parts.instances)]
    expected = parts.summed_logits(parts.inputs).argmax(dim=-1).tolist()
    assert found == [names[index] for index in expected]
    accuracy = sum(
        name == instance.fields["label"].label  # type: ignore[attr-defined]
        for name, instance in zip(found, parts.instances)
    ) / len(found)
    assert merged.get_metrics()["accuracy"] == pytest.approx(accuracy)


def test_attention_kernels_may_differ() -> None:
    predictive = classifier_config()
    embedder = predictive["text_field_embedder"]["token_embedders"]["tokens"]
    embedder["transformer_kwargs"]["attn_implementation"] = "eager"
    parts = pair(predictive, classifier_config(8, 2))
    with torch.no_grad():
        found = parts.merged(type="structured")(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


def feedforward(features: int) -> dict[str, Any]:
    return {
        "input_dim": features,
        "num_layers": 2,
        "hidden_dims": [features + 2, features],
        "activations": "relu",
        "dropout": 0.1,
    }


@pytest.mark.parametrize("storage", ["structured", "dense"])
@pytest.mark.parametrize("kind", ["BERT", "LSTM"])
def test_layers_between_encoder_and_output_are_intertwined_too(storage: str, kind: str) -> None:
    if kind == "BERT":
        parts = pair(
            classifier_config(16, 4, feedforward=feedforward(16), dropout=0.1),
            classifier_config(8, 2, feedforward=feedforward(8), dropout=0.2),
        )
    else:
        parts = pair(
            lstm_config(8, 2, True, "mean", feedforward=feedforward(14), dropout=0.1),
            lstm_config(4, 2, True, "mean", feedforward=feedforward(6)),
            lstm_reader_config(),
        )
    with torch.no_grad():
        found = parts.merged(type=storage)(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


def two_indexers() -> dict[str, Any]:
    """A reader that gives each word an id with its case, and one without."""
    indexers = {
        "tokens": {"type": "single_id"},
        "lower": {"type": "single_id", "namespace": "lower", "lowercase_tokens": True},
    }
    return {**lstm_reader_config(), "token_indexers": indexers}


def two_tables(size: int) -> dict[str, Any]:
    """An LSTM over two tables of different widths."""
    embedders = {
        "tokens": {"type": "embedding", "embedding_dim": size - 2},
        "lower": {"type": "embedding", "embedding_dim": 2, "vocab_namespace": "lower"},
    }
    return lstm_config(size, 1, True, text_field_embedder={"token_embedders": embedders})


@pytest.mark.parametrize("storage", ["structured", "dense"])
def test_each_part_reads_its_own_features_of_several_tables(storage: str) -> None:
    parts = pair(two_tables(8), two_tables(5), two_indexers())
    expected = [
        find_embedding_layer(m)(parts.inputs["tokens"]) for m in (parts.predictive, parts.facade)
    ]
    merged = parts.merged(type=storage)
    embedded, _ = gradients_at_the_embedding_layer(merged, parts.inputs)
    if storage == "structured":
        torch.testing.assert_close(embedded, torch.cat(expected, dim=-1))
    with torch.no_grad():
        found = merged(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


@pytest.mark.parametrize("storage", ["structured", "dense"])
def test_a_projection_counts_as_part_of_the_table(storage: str) -> None:
    table = {"type": "embedding", "embedding_dim": 6, "projection_dim": 8, "trainable": False}
    projected = lstm_config(text_field_embedder={"token_embedders": {"tokens": table}})
    parts = pair(projected, lstm_config(4), lstm_reader_config())
    merged = parts.merged(type=storage)
    embedded, _ = gradients_at_the_embedding_layer(merged, parts.inputs)
    assert embedded.shape[-1] == 8 + 4
    with torch.no_grad():
        found = merged(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


def test_a_sum_keeps_nothing_of_a_batch() -> None:
    lstms = lstm_pair()
    merged = lstms.merged(type="logits")
    assert isinstance(merged, SumOfLogits)
    with torch.no_grad():
        merged(**lstms.inputs)
    assert merged._added is None
    assert not merged.embeddings._pending
