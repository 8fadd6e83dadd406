"""Which text of a batch a call of the embedding layer embeds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Optional

import torch
from torch import Tensor

from facade_allennlp.attribution.inputs import Inputs, text_fields


@dataclass(frozen=True, eq=False)
class IndexedText:
    """
    A text field as one of its indexers gives it.

    # Parameters

    field, indexer : `str`
        Their names in the model's input.
    ids : `Tensor`
        Token ids. Shape: (rows, tokens).
    namespace : `str`
        Of those ids in the vocabulary.
    mask : `Tensor`
        True for real tokens, special tokens among them. Shape: (rows, tokens).
    """

    field: str
    indexer: str
    ids: Tensor
    namespace: str
    mask: Tensor


class EmbeddedTexts:
    """
    The texts of a batch, as the calls of an embedding layer in one pass are found among them.

    # Parameters

    inputs : `Inputs`
    namespaces : `Mapping[str, str]`
        Vocabulary namespaces by the name that an indexer gives to its ids.
    indexers : `Mapping[str, str]`
        The same by the name of the indexer; these go before.
    """

    def __init__(
        self, inputs: Inputs, namespaces: Mapping[str, str], indexers: Mapping[str, str]
    ) -> None:
        self._fields = text_fields(inputs)
        self._texts = [
            IndexedText(
                field,
                indexer,
                ids,
                indexers.get(indexer, namespaces[name]),
                _mask(ids, indexed),
            )
            for field, by_indexer in self._fields.items()
            for indexer, indexed in by_indexer.items()
            for name, ids in indexed.items()
            if name in namespaces and ids.dim() == 2
        ]
        self._embedded: list[IndexedText] = []
        self._whole: set[str] = set()

    def locate(self, given: Any) -> Optional[IndexedText]:
        """
        The text that the layer embeds, or `None`.

        # Parameters

        given : `Tensor | Mapping[str, Mapping[str, Tensor]]`
            What the layer is given: ids, of shape (rows, tokens), or a whole text field. Ids are
            known by where they lie in memory; copies by their values, each text once before one is
            twice.
        """
        if isinstance(given, Tensor):
            same = [text for text in self._texts if same_memory(text.ids, given)]
            copied = [text for text in self._texts if not same and equal(text.ids, given)]
            new = [text for text in copied if text not in self._embedded]
            found = next(iter((*same, *new, *copied)), None)
        else:
            name = self._field_of(given)
            found = next((text for text in self._texts if text.field == name), None)
            self._whole.add(name or "")
        if found is not None:
            self._embedded.append(found)
        return found

    def _field_of(self, given: Any) -> Optional[str]:
        tensors = _tensors(given)
        for name, by_indexer in self._fields.items():
            own = _tensors(by_indexer)
            if any(same_memory(tensor, other) for tensor in tensors for other in own):
                return name
        return None

    @property
    def unread(self) -> list[tuple[str, str]]:
        """The text fields, each with an indexer, that the layer was not given."""
        read = {(text.field, text.indexer) for text in self._embedded}
        return [
            (field, indexer)
            for field, by_indexer in self._fields.items()
            for indexer in by_indexer
            if field not in self._whole and (field, indexer) not in read
        ]


def _mask(ids: Tensor, indexed: Mapping[str, Tensor]) -> Tensor:
    for name in ("wordpiece_mask", "mask"):
        if name in indexed:
            return indexed[name].bool()
    return ids != 0  # AllenNLP's padding index


def _tensors(given: Any) -> Sequence[Tensor]:
    if isinstance(given, Mapping):
        return [tensor for value in given.values() for tensor in _tensors(value)]
    return [given] if isinstance(given, Tensor) else []


def same_memory(one: Tensor, other: Tensor) -> bool:
    """Whether they are the same tensor, or views of it with all of its entries in place."""
    return (
        one.shape == other.shape
        and one.dtype == other.dtype
        and one.stride() == other.stride()
        and one.data_ptr() == other.data_ptr()
        and one.device == other.device
    )


def equal(one: Tensor, other: Tensor) -> bool:
    """Whether their shapes and values are."""
    return one.shape == other.shape and torch.equal(one, other.to(one))
