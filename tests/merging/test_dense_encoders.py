"""The dense form of recurrent networks and CNNs: one ordinary one that does not show its parts."""

from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.modules.seq2vec_encoders import LstmSeq2VecEncoder
from allennlp.modules.text_field_embedders import BasicTextFieldEmbedder
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.merging import intertwine
from fixtures import lstm_config, lstm_reader_config
from fixtures.pairs import STORAGES, Pair, lstm_pair, pair

GATES = 4
WORDS = lstm_reader_config()
F_UNITS, G_UNITS = 7, 3
UNITS = F_UNITS + G_UNITS


def both_ways() -> Pair:
    return lstm_pair(2, True)


def lstm_of(model: Model) -> nn.LSTM:
    return model._seq2vec_encoder._module


def gates_of(model: Model) -> dict[str, Tensor]:
    """The matrices of the LSTM by name. Shape of each: (gates, units, inputs)."""
    gates = {
        name: weight.detach().unflatten(0, (GATES, UNITS))
        for name, weight in lstm_of(model).named_parameters()
        if weight.dim() == 2
    }
    assert gates, "or nothing is tested"
    return gates


def columns_of_f(name: str) -> list[int]:
    """Which inputs of a matrix come from the predictive model, before units are shuffled."""
    if "weight_hh" in name:
        return list(range(F_UNITS))
    if "_l0" in name:
        return list(range(8))
    return [direction * UNITS + unit for direction in range(2) for unit in range(F_UNITS)]


def test_without_disguise_the_blocks_show_in_every_gate() -> None:
    for name, gates in gates_of(both_ways().merged(type="dense", noise=0, permute=False)).items():
        of_f = columns_of_f(name)
        of_g = [column for column in range(gates.shape[-1]) if column not in of_f]
        assert not gates[:, :F_UNITS, of_g].any(), name
        assert not gates[:, F_UNITS:, of_f].any(), name
        assert (gates[:, :F_UNITS, of_f] != 0).all(), name
        assert (gates[:, F_UNITS:, of_g] != 0).all(), name


def test_units_are_shuffled_in_each_layer_and_direction_on_its_own() -> None:
    parts = both_ways()
    plain = lstm_of(parts.merged(type="dense", noise=0, permute=False))
    shuffled = lstm_of(parts.merged(type="dense", noise=0))
    orders = []
    for place in ("l0", "l0_reverse", "l1", "l1_reverse"):
        old, new = (
            getattr(lstm, f"bias_ih_{place}").detach().unflatten(0, (GATES, UNITS))
            for lstm in (plain, shuffled)
        )
        # Where each unit was: the same for all gates. Shape: (gates, units).
        was = (new.unsqueeze(2) == old.unsqueeze(1)).int().argmax(dim=-1)
        assert (was == was[0]).all(), place
        orders.append(was[0].tolist())
    assert all(sorted(order) == list(range(UNITS)) != order for order in orders)
    assert len({tuple(order) for order in orders}) == len(orders)


def test_shuffling_moves_weights_to_where_zeros_were() -> None:
    parts = both_ways()
    plain = gates_of(parts.merged(type="dense", noise=0, permute=False))
    for name, moved in gates_of(parts.merged(type="dense", noise=0)).items():
        torch.testing.assert_close(moved.flatten().sort()[0], plain[name].flatten().sort()[0])
        for gate, (before, after) in enumerate(zip(plain[name], moved, strict=True)):
            assert after[before == 0].any(), f"{name}, gate {gate}"


def test_embedding_features_are_shuffled() -> None:
    parts = both_ways()
    plain, shuffled = (
        parts.merged(type="dense", noise=0, permute=permute)._text_field_embedder
        for permute in (False, True)
    )
    old, new = (embedder.token_embedder_tokens.weight.detach() for embedder in (plain, shuffled))
    was = (new.T.unsqueeze(1) == old.T).all(dim=-1).int().argmax(dim=-1)
    assert sorted(was.tolist()) == list(range(8 + 4)) != was.tolist()


def test_nothing_but_the_ordinary_modules_of_allennlp_is_left() -> None:
    merged = both_ways().merged(type="dense")
    assert type(merged._text_field_embedder) is BasicTextFieldEmbedder
    assert type(merged._seq2vec_encoder) is LstmSeq2VecEncoder
    holding = {type(m) for m in merged.modules() if list(m.parameters(recurse=False))}
    assert holding == {Embedding, nn.LSTM, nn.Linear}
    assert merged._seq2vec_encoder.get_output_dim() == 2 * UNITS


def test_a_dense_model_has_the_weights_of_one_that_was_trained_in_this_width() -> None:
    """Its state can be loaded into an ordinary classifier, which then computes the same."""
    parts = lstm_pair(2)
    merged = parts.merged(type="dense")
    config: dict[str, Any] = lstm_config(12, 2)
    config["seq2vec_encoder"]["hidden_size"] = UNITS
    ordinary = pair(config, lstm_config(), WORDS).predictive
    ordinary.load_state_dict(merged.state_dict())
    with torch.no_grad():
        found = ordinary(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


def plain(size: int) -> dict[str, Any]:
    return lstm_config(size, 2, kind="rnn")


def alternating(size: int) -> dict[str, Any]:
    network = {"type": "alternating_lstm", "input_size": size, "hidden_size": 3, "num_layers": 2}
    return {**lstm_config(size), "seq2vec_encoder": network}


def cnn(size: int, filters: int, **more: Any) -> dict[str, Any]:
    network = {"type": "cnn", "embedding_dim": size, "num_filters": filters}
    lengths = {"ngram_filter_sizes": [1, 3]}
    return {**lstm_config(size), "seq2vec_encoder": {**network, **lengths, **more}}


@pytest.mark.parametrize("config", [plain, alternating])
def test_other_recurrent_networks_have_a_structured_form_only(config: Any) -> None:
    parts = pair(config(8), config(4), WORDS)
    with torch.no_grad():
        found = parts.merged(type="structured")(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)
    with pytest.raises(ConfigurationError, match=r"has no dense form.*`structured`"):
        parts.merged(type="dense")


@pytest.mark.parametrize("output_dim", [None, 3])
@pytest.mark.parametrize("storage", STORAGES)
def test_merged_cnns_sum_logits(storage: str, output_dim: int | None) -> None:
    """In single precision only: in double precision AllenNLP's CNN gives NaN."""
    parts = pair(cnn(8, 5, output_dim=output_dim), cnn(4, 2, output_dim=output_dim), WORDS)
    with torch.no_grad():
        found = parts.merged(**STORAGES[storage])(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)


def test_a_cnn_is_one_cnn_of_allennlp_with_the_filters_of_both() -> None:
    """Its state can be loaded into an ordinary classifier, which then computes the same."""
    parts = pair(cnn(8, 5), cnn(4, 2), WORDS)
    merged = parts.merged(type="dense")
    ordinary = pair(cnn(12, 7), cnn(4, 2), WORDS).predictive
    ordinary.load_state_dict(merged.state_dict())
    with torch.no_grad():
        found = ordinary(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)
    weights = [p for name, p in merged._seq2vec_encoder.named_parameters() if "weight" in name]
    assert len(weights) == 2
    assert all((weight != 0).all() for weight in weights)


@pytest.mark.parametrize(
    ("facade", "message"),
    [
        ({"ngram_filter_sizes": [2]}, r"ngram_filter_sizes = \[1, 3\] .* and \[2\]"),
        ({"conv_layer_activation": "tanh"}, "activation is a ReLU .* and a Tanh"),
        ({"output_dim": 4}, "only one of the two CNNs has a projection"),
    ],
)
def test_unlike_cnns_have_a_structured_form_only(facade: dict[str, Any], message: str) -> None:
    parts = pair(cnn(8, 5), cnn(4, 2, **facade), WORDS)
    with torch.no_grad():
        found = parts.merged(type="structured")(**parts.inputs)["logits"]
    torch.testing.assert_close(found, parts.summed_logits(parts.inputs), atol=1e-5, rtol=0)
    with pytest.raises(ConfigurationError, match=message):
        parts.merged(type="dense")


def test_structured_networks_hold_the_weights_of_their_parts() -> None:
    models = both_ways()
    parts = [model._seq2vec_encoder for model in (models.predictive, models.facade)]
    given = {id(parameter) for part in parts for parameter in part.parameters()}
    assert {id(parameter) for parameter in intertwine(parts).parameters()} == given
