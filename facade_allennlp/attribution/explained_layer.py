"""Makes sure that gradients at the explained layer are those of tokens."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.modules.token_embedders import Embedding
from torch import Tensor, nn

from facade_allennlp.attribution.embedded_texts import EmbeddedTexts, IndexedText
from facade_allennlp.attribution.forward_pass import EmbeddedField, Perturbation
from facade_allennlp.attribution.inputs import Inputs

TABLES = (nn.Embedding, Embedding)
"""Layers that look a vector up for each id."""

NOT_IDS = ("offsets", "type_ids")
"""Whole numbers in a text field that stand for no token."""

LIKE_TABLES = (
    "explain a model whose text field embedder has tables of words and encoders of characters "
    "(embedding, character_encoding), or one transformer (pretrained_transformer)"
)


def going_on_with(embeddings: Sequence[Tensor]) -> Perturbation:
    """The model goes on with these, one of shape (rows, tokens, features) for each text in turn."""
    given = iter(embeddings)
    return lambda field: next(given)


class ExplainedLayer:
    """
    A model's embedding layer, and the check that it can be explained: it gives one vector per token
    of the input that depends on that token's id alone, and what the model makes of the text goes
    through it. That is made sure of once, before the first explanation; texts that tell nothing (of
    one token, of unknown words alone) leave it open.

    # Parameters

    model : `Model`
    layer : `nn.Module`
    tokens_first : `bool`
        Whether the layer is given ids of shape (tokens, rows).
    """

    def __init__(self, model: Model, layer: nn.Module, tokens_first: bool) -> None:
        self._model = model
        self._layer = layer
        self._tokens_first = tokens_first
        self._vectors_checked = isinstance(layer, TABLES)
        self._paths_checked = False

    @contextmanager
    def opened(
        self, texts: EmbeddedTexts, at_embeddings: Perturbation
    ) -> Iterator[list[EmbeddedField]]:
        """
        Within it the model goes on with what `at_embeddings` gives. A text that is embedded again
        is explained as one: the model goes on with the same tensor.

        # Returns

        A list that holds, after a pass, the texts in the order of embedding.

        # Raises

        `ConfigurationError` : the layer embeds something else, or cannot be explained; it was not
            used.
        """
        fields: list[EmbeddedField] = []
        known: dict[IndexedText, EmbeddedField] = {}

        def hook(layer: nn.Module, args: tuple, kwargs: dict[str, Any], output: Any) -> Tensor:
            given = self._turned(next(iter((*args, *kwargs.values()))))
            text = texts.locate(given)
            if text is None:
                raise ConfigurationError(self._not_a_text(given))
            if text not in known:
                output = self._turned(output)
                self._check_shape(output, text.ids)
                self._check_vectors(given, text.mask)
                field = EmbeddedField(
                    text.field, text.ids, text.namespace, text.mask, output, output
                )
                field.perturbed = at_embeddings(field)
                fields.append(field)
                known[text] = field
            # A copy, which some encoders add to in place (DeBERTa's).
            return self._turned(known[text].perturbed).clone()

        handle = self._layer.register_forward_hook(hook, with_kwargs=True)
        try:
            yield fields
        finally:
            handle.remove()
        if not fields:
            raise ConfigurationError(f"{self._named} embeds no text of the input")

    def _turned(self, tensor: Any) -> Any:
        """From the layer's order of rows and tokens to ours, and back."""
        return tensor.transpose(0, 1) if self._tokens_first else tensor

    def _not_a_text(self, given: Any) -> str:
        held = f"ids of shape {tuple(given.shape)}" if isinstance(given, Tensor) else "a text"
        return (
            f"{self._named} was given {held} that no text field of the input has token by token: "
            "texts that are folded into several windows, lists of texts, and words that are read "
            "by their characters alone cannot be explained; shorten texts with the tokenizer's "
            "max_length, or explain a model that reads each text by its words, too (single_id)"
        )

    @property
    def _named(self) -> str:
        layer, model = type(self._layer).__name__, type(self._model).__name__
        return f"the embedding layer of {model} ({layer})"

    def _check_shape(self, output: Any, ids: Tensor) -> None:
        """
        # Parameters

        output : `Any`
            Of the layer.
        ids : `Tensor`
            Shape: (rows, tokens).

        # Raises

        `ConfigurationError` : it does not hold one vector for each token.
        """
        shape = tuple(output.shape) if isinstance(output, Tensor) else None
        if shape is None or len(shape) != 3 or shape[:2] != ids.shape:
            held = type(output).__name__ if shape is None else f"a tensor of shape {shape}"
            raise ConfigurationError(
                f"{self._named} gives {held} for {' x '.join(map(str, ids.shape))} tokens and not "
                f"one vector per token, so that no token can be explained: {LIKE_TABLES}"
            )

    def _check_vectors(self, given: Any, mask: Tensor) -> None:
        """
        Compares the vectors of a text's tokens with those of the same tokens one by one.

        # Parameters

        given : `Any`
            What the layer is given: ids, of shape (rows, tokens), or a text field.
        mask : `Tensor`
            Shape: (rows, tokens).

        # Raises

        `ConfigurationError` : a vector depends on the token's neighbours or on its position.
        """
        if self._vectors_checked:
            return
        row = int(mask.sum(dim=-1).argmax())
        places = mask[row].nonzero().squeeze(-1)
        if len(places) < 2:
            return
        try:
            with evaluated(self._layer), torch.no_grad():
                # without hooks, as this is called within one
                whole = self._layer.forward(_cut(given, mask.shape, row, places, 0))[0]
                alone = self._layer.forward(_cut(given, mask.shape, row, places, 1))[:, 0]
            least = 1e-5 * float(whole.abs().nan_to_num().max())
            own = torch.allclose(whole, alone, rtol=1e-3, atol=least, equal_nan=True)
        except (LookupError, RuntimeError, TypeError, ValueError):  # it cannot read them one by one
            own = False
        if not own:
            raise ConfigurationError(
                f"{self._named} gives a token a vector that depends on other tokens of the text or "
                "on its place, so that gradients at it are not those of the token: " + LIKE_TABLES
            )
        self._vectors_checked = True

    def check_paths(
        self,
        inputs: Inputs,
        unread: list[tuple[str, str]],
        logits: Callable[[Inputs], list[Tensor]],
    ) -> None:
        """
        Looks whether the model knows words by another way than the layer.

        # Parameters

        inputs : `Inputs`
        unread : `list[tuple[str, str]]`
            Text fields, each with an indexer, that the layer was not given.
        logits : `Callable[[Inputs], list[Tensor]]`
            What the model makes of inputs that differ from `inputs`, at the embeddings of these.

        # Raises

        `ConfigurationError` : it changes with what the layer was not given.
        """
        if self._paths_checked:
            return
        told = True
        for field, indexer in unread:
            indexed = inputs[field][indexer]
            blank = {name: _without_words(name, tensor) for name, tensor in indexed.items()}
            told &= any(not torch.equal(blank[name], indexed[name]) for name in blank)
            other = {**inputs, field: {**inputs[field], indexer: blank}}
            with evaluated(self._model), torch.no_grad():
                before, after = logits(inputs), logits(other)
            if not all(torch.allclose(*pair, equal_nan=True) for pair in zip(before, after)):
                raise ConfigurationError(
                    f"{type(self._model).__name__} reads the text {field!r} by its indexer "
                    f"{indexer!r} past {self._named}, so that an explanation would leave that out: "
                    "explain a model that reads all its texts by one embedder"
                )
        self._paths_checked = told


def _cut(given: Any, shape: torch.Size, row: int, places: Tensor, axis: int) -> Any:
    """
    Some tokens of one row: as a text, of shape (1, tokens, ...), with `axis` 0; each by itself, of
    shape (tokens, 1, ...), with 1.
    """
    if isinstance(given, Mapping):
        return {name: _cut(value, shape, row, places, axis) for name, value in given.items()}
    if given.shape[:2] != shape:
        raise ValueError(f"{tuple(given.shape)} does not count the tokens of {tuple(shape)}")
    return given[row, places].unsqueeze(axis)


def _without_words(name: str, tensor: Tensor) -> Tensor:
    """As if all words were unknown: AllenNLP's number for these is 1."""
    if tensor.dtype == torch.bool or name in NOT_IDS:
        return tensor
    return torch.zeros_like(tensor) if tensor.is_floating_point() else tensor.clamp_max(1)


@contextmanager
def evaluated(module: nn.Module) -> Iterator[None]:
    """Within it a module has no dropout."""
    training = [part for part in module.modules() if part.training]
    module.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True
