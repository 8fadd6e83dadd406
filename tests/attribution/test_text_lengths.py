"""What the tensors of AllenNLP's indexers tell about the lengths of texts."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from facade_allennlp.attribution.text_lengths import TextLengths, shortest_text


def _mask(*lengths: int, width: int) -> Tensor:
    return torch.arange(width) < torch.tensor(lengths).unsqueeze(-1)


def _shapes(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shapes(inner) for name, inner in value.items()}
    return tuple(value.shape) if isinstance(value, Tensor) else value


def test_words_and_pieces_are_cut_by_their_own_masks() -> None:
    mismatched = {
        "token_ids": torch.ones(3, 12, dtype=torch.long),
        "type_ids": torch.zeros(3, 12, dtype=torch.long),
        "wordpiece_mask": _mask(12, 6, 5, width=12),
        "mask": _mask(7, 2, 3, width=7),
        "offsets": torch.zeros(3, 7, 2, dtype=torch.long),
    }
    lengths = TextLengths({"tokens": {"bert": mismatched}})
    assert lengths.by_input() == [(12,), (6,), (5,)]
    assert _shapes(lengths.rows(torch.tensor([1, 2])))["tokens"]["bert"] == {
        "token_ids": (2, 6),
        "type_ids": (2, 6),
        "wordpiece_mask": (2, 6),
        "mask": (2, 3),
        "offsets": (2, 3, 2),
    }


def test_folded_texts_are_cut_by_the_mask_of_their_windows() -> None:
    folded = {
        "token_ids": torch.ones(2, 14, dtype=torch.long),
        "type_ids": torch.zeros(2, 14, dtype=torch.long),
        "segment_concat_mask": _mask(14, 6, width=14),
        "mask": _mask(10, 6, width=10),
    }
    rows = TextLengths({"tokens": {"bert": folded}}).rows(torch.tensor([1]))
    assert {tensor.shape for tensor in rows["tokens"]["bert"].values()} == {(1, 6)}


def test_all_indexers_of_words_are_cut_alike() -> None:
    """The id 0 of a word is padding only where no other indexer knows a word there."""
    tags = torch.tensor([[4, 0, 0, 0], [1, 2, 0, 0]])
    characters = torch.zeros(2, 4, 5, dtype=torch.long)
    characters[0, :3, 0] = 1
    characters[1, :2, 0] = 1
    field = {"tags": {"tokens": tags}, "characters": {"token_characters": characters}}
    lengths = TextLengths({"tokens": field})
    assert lengths.by_input() == [(3,), (2,)]
    assert _shapes(lengths.rows(torch.tensor([0]))["tokens"]) == {
        "tags": {"tokens": (1, 3)},
        "characters": {"token_characters": (1, 3, 5)},
    }


@pytest.mark.parametrize(
    "unknown",
    [
        {"vectors": {"tokens": torch.rand(2, 6, 3)}},
        {"own": {"ids": torch.ones(2, 6, dtype=torch.long)}},
        {"bare": {"token_ids": torch.ones(2, 6, dtype=torch.long)}},
        {"wide": {"tokens": torch.ones(2, 8, dtype=torch.long)}},
        {"options": {"token_ids": torch.ones(2, 6, 4), "mask": torch.ones(2, 6, 4).bool()}},
    ],
    ids=lambda unknown: next(iter(unknown)),
)
def test_a_batch_with_a_tensor_that_is_not_known_stays_whole(unknown: dict[str, Any]) -> None:
    ids = {"tokens": torch.tensor([[1, 2, 3, 4, 5, 6], [1, 2, 0, 0, 0, 0]])}
    other = {"ids": {"tokens": torch.tensor([[3, 4, 5], [1, 0, 0]])}}
    inputs = {"text": {"ids": ids, **unknown}, "other": other}
    lengths = TextLengths(inputs)
    width = max(6, *(tensor.shape[1] for of in unknown.values() for tensor in of.values()))
    assert lengths.by_input() == [(width, 3)] * 2
    whole = _shapes({"text": {"ids": ids, **unknown}, "other": other})
    assert str(_shapes(lengths.rows(torch.tensor([0, 1])))) == str(whole)


@pytest.mark.parametrize(
    ("extra", "cut"),
    [
        ({"spans": torch.zeros(2, 2)}, True),
        ({"spans": torch.zeros(2, 3, 2)}, True),
        ({"metadata": ["a", {"places": [1] * 6}]}, True),
        ({"tags": torch.zeros(2, 6)}, False),
        ({"edges": torch.zeros(2, 9, 6)}, False),
        ({"shared": torch.zeros(6, 4)}, False),
        ({"nested": {"inner": torch.zeros(2, 6)}}, False),
    ],
    ids=lambda value: str(_shapes(value)),
)
def test_a_tensor_as_wide_as_a_text_may_count_its_tokens(extra: dict[str, Any], cut: bool) -> None:
    ids = torch.tensor([[1, 2, 3, 4, 5, 6], [1, 2, 0, 0, 0, 0]])
    rows = TextLengths({"text": {"ids": {"tokens": ids}}, **extra}).rows(torch.tensor([1]))
    assert rows["text"]["ids"]["tokens"].shape == (1, 2 if cut else 6)


def test_nothing_has_to_be_known_where_nothing_is_cut() -> None:
    ids = torch.tensor([[1, 2, 3], [4, 5, 6]])
    lengths = TextLengths({"text": {"ids": {"tokens": ids}}, "tags": torch.zeros(2, 3)})
    assert lengths.by_input() == [(3,), (3,)]


def test_a_convolution_needs_as_many_tokens_as_it_spans() -> None:
    model = nn.Sequential(nn.Conv1d(4, 4, 3), nn.Conv1d(4, 4, 3, dilation=2), nn.Linear(4, 4))
    assert shortest_text(model) == 5
    assert shortest_text(nn.Linear(4, 4)) == 1
    ids = torch.tensor([[1, 2, 3, 4, 5, 6], [1, 0, 0, 0, 0, 0]])
    assert TextLengths({"text": {"ids": {"tokens": ids}}}, 5).by_input() == [(6,), (5,)]
    assert TextLengths({"text": {"ids": {"tokens": ids}}}, 9).by_input() == [(6,), (6,)]
