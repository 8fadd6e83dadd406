import itertools

import pytest
import torch

from facade_allennlp.studies.mining import strongest_pattern


@pytest.mark.parametrize("seed", range(5))
def test_the_strongest_connections_of_the_strongest_head(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    layers = [torch.randn(2, 6, 6, generator=generator) for _ in range(3)]
    usable = [1, 2, 4]
    best: tuple[float, int, int] = (0.0, 0, 0)
    for layer, head in itertools.product(range(3), range(2)):
        for i, j in itertools.permutations(usable, 2):
            best = max(best, (float(layers[layer][head, i, j]), layer, head))
    value, layer, head = best
    of_head = layers[layer][head]
    pairs = sorted(itertools.permutations(usable, 2), key=lambda pair: -float(of_head[pair]))
    for most in (1, 2):
        found = strongest_pattern(layers, usable, most)
        assert found is not None
        expected = {place for pair in pairs[:most] if of_head[pair] > 0 for place in pair}
        assert found == (sorted(expected), pytest.approx(value))


def test_special_tokens_and_a_token_itself_do_not_count() -> None:
    layer = torch.zeros(1, 4, 4)
    layer[0, 0, 1] = layer[0, 2, 2] = layer[0, 3, 0] = 9.0
    assert strongest_pattern([layer], [1, 2]) is None
    layer[0, 2, 1] = 0.5
    assert strongest_pattern([layer], [1, 2]) == ([1, 2], 0.5)


@pytest.mark.parametrize("usable", [[], [1]])
def test_a_text_of_fewer_than_two_tokens_has_none(usable: list[int]) -> None:
    assert strongest_pattern([torch.ones(1, 3, 3)], usable) is None
