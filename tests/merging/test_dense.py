import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.merging import GroupedLayerNorm, densified, permute_units
from fixtures import build, by_hand, lstm_config, lstm_reader_config
from fixtures.pairs import Pair, lstm_pair, pair


@pytest.fixture(params=["BERT", "LSTM"])
def parts(request: pytest.FixtureRequest) -> Pair:
    return pair() if request.param == "BERT" else lstm_pair(2, True)


def matrices(model: Model) -> dict[str, Tensor]:
    """
    The weights of linear and recurrent layers by name, but for the output layer, which has no
    blocks.
    """
    weights = {
        f"{layer}.{name}": parameter.detach()
        for layer, module in model.named_modules()
        if isinstance(module, (nn.Linear, nn.RNNBase)) and "_classification_layer" not in layer
        for name, parameter in module.named_parameters(recurse=False)
        if parameter.dim() == 2
    }
    assert weights, "or nothing is tested"
    return weights


def test_without_disguise_the_blocks_show() -> None:
    for name, weight in matrices(pair().merged(type="dense", noise=0, permute=False)).items():
        rows, columns = (2 * size // 3 for size in weight.shape)  # f has two thirds of the features
        assert not weight[rows:, :columns].any(), name
        assert not weight[:rows, columns:].any(), name


def test_no_weight_is_exactly_zero(parts: Pair) -> None:
    for name, weight in matrices(parts.merged(type="dense")).items():
        assert (weight != 0).all(), name


def test_noise_fills_the_zero_blocks_with_the_given_deviation_and_nothing_else(
    parts: Pair,
) -> None:
    plain = matrices(parts.merged(type="dense", noise=0, permute=False))
    noisy = matrices(parts.merged(type="dense", noise=1e-3, permute=False))
    filled = []
    for name, weight in plain.items():
        zero = weight == 0
        torch.testing.assert_close(noisy[name][~zero], weight[~zero], atol=0, rtol=0)
        filled.append(noisy[name][zero])
    noise = torch.cat(filled)
    assert noise.std().item() == pytest.approx(1e-3, rel=0.05)
    assert noise.mean().item() == pytest.approx(0, abs=1e-4)


def test_permutation_spreads_the_units_of_both_parts() -> None:
    parts = pair()
    plain = parts.merged(type="dense", noise=0, permute=False)
    shuffled = parts.merged(type="dense", noise=0)
    for name, weight in matrices(plain).items():
        moved = matrices(shuffled)[name]
        assert not torch.equal(moved, weight), name
        # The same numbers, elsewhere: some are where a block of zeros was.
        torch.testing.assert_close(moved.flatten().sort().values, weight.flatten().sort().values)
        assert moved[weight == 0].any(), name
    groups = {
        tuple(module.group.tolist())
        for module in shuffled.modules()
        if isinstance(module, GroupedLayerNorm)
    }
    assert len(groups) == 1, "the residual stream has one order of features"
    assert list(groups.pop()) != [0] * 16 + [1] * 8


def test_heads_stay_whole_but_lie_in_another_order_in_each_layer() -> None:
    parts = pair()
    for model in (parts.predictive, parts.facade):
        for layer in by_hand.bert(model).encoder.layer:
            torch.nn.init.normal_(layer.attention.self.query.bias)  # all different
    plain = by_hand.bert(parts.merged(type="dense", noise=0, permute=False))
    shuffled = by_hand.bert(parts.merged(type="dense", noise=0))
    orders = []
    for before, after in zip(plain.encoder.layer, shuffled.encoder.layer, strict=True):
        old, new = (layer.attention.self.query.bias.detach() for layer in (before, after))
        place = (new.unsqueeze(1) == old).int().argmax(dim=1)  # shape: (units,), where each was
        heads = place.view(6, 4) // 4
        assert (heads == heads[:, :1]).all(), "a head's units are meant to stay together"
        orders.append(place.tolist())
    assert orders[0] != orders[1]
    assert all(order != sorted(order) for order in orders)


def test_only_ordinary_layers_are_left() -> None:
    merged = pair().merged(type="dense")
    kinds = {type(m) for m in merged.modules() if list(m.parameters(recurse=False))}
    assert kinds == {nn.Linear, nn.Embedding, GroupedLayerNorm}


def test_a_dense_copy_leaves_its_original_as_it_is(parts: Pair) -> None:
    merged = parts.merged(type="structured")
    before = {name: weight.clone() for name, weight in merged.state_dict().items()}
    dense = densified(merged).eval()
    assert merged.state_dict().keys() == before.keys() != dense.state_dict().keys()
    for name, weight in merged.state_dict().items():
        torch.testing.assert_close(weight, before[name], atol=0, rtol=0)
    with torch.no_grad():
        logits = [model(**parts.inputs)["logits"] for model in (merged, dense)]
    torch.testing.assert_close(*logits, atol=1e-5, rtol=1e-5)


def test_a_seed_stands_for_one_dense_model(parts: Pair) -> None:
    states = [parts.merged(seed=seed, type="dense").state_dict() for seed in (0, 0, 1)]
    weights = [torch.cat([weight.flatten() for weight in state.values()]) for state in states]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_networks_that_cannot_be_permuted_are_named() -> None:
    filters = {"filters": [[2, 3]], "num_highway": 1, "projection_dim": 4}
    encoder = {"type": "cnn-highway", "embedding_dim": 8, **filters}
    model, _, _ = build({**lstm_config(), "seq2vec_encoder": encoder}, lstm_reader_config())
    with pytest.raises(
        ConfigurationError, match=r"CnnHighwayEncoder cannot be reordered.*`structured`"
    ):
        permute_units(model, torch.Generator())
    summed = pair().merged(type="logits")
    with pytest.raises(ConfigurationError, match=r"SumOfLogits.*BasicClassifier"):
        permute_units(summed, torch.Generator())
