"""Texts by their token ids, as the tensors that a model reads."""

import inspect
import random
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.modules.token_embedders import Embedding, PretrainedTransformerEmbedder
from allennlp.nn.util import move_to_device
from torch import Tensor

from facade_allennlp.anatomy import Part, encoders_in, usable_lengths
from facade_allennlp.construction.text_form import Frame, TextForm
from facade_allennlp.errors import with_article

TextIds = tuple[list[int], list[int]]
"""The ids of a text, and for each the number of the part that it stands in."""

SPAN = "context_span"
"""What models that choose among the tokens of a text are told of it: where it is."""
SHORT = 40
"""A text of so many words is long enough to be checked many times."""
LONGEST = 512
"""Where nothing limits the length of a text."""


class ModelTexts:
    """
    Makes batches for a model with one text field and one token embedder.

    >>> texts = ModelTexts(model, form)
    >>> model(**texts.inputs([texts.plain]))["logits"]

    # Parameters

    model : `Model`
    form : `TextForm`
    without : `Collection[int]`, optional (default = none)
        Ids that texts shall not hold.

    # Raises

    `ConfigurationError` : the model embeds texts in another way.
    """

    def __init__(self, model: Model, form: TextForm, without: Collection[int] = ()) -> None:
        self.model = model
        self.form = form
        self.ordinary = [index for index in form.ordinary if index not in without]
        self.field = next(iter(inspect.signature(model.forward).parameters))
        embedders = getattr(getattr(model, "_text_field_embedder", None), "_token_embedders", {})
        if len(embedders) != 1:
            raise ConfigurationError(
                "a facade is constructed for models with one token embedder; "
                f"{type(model).__name__} has {len(embedders)}"
            )
        self.indexer, self.embedder = next(iter(embedders.items()))
        if not isinstance(self.embedder, (Embedding, PretrainedTransformerEmbedder)):
            raise ConfigurationError(
                "a facade is constructed for models that embed tokens by a table or a transformer, "
                f"not by {with_article(type(self.embedder).__name__)}"
            )

    @property
    def plain(self) -> TextIds:
        """A text of three words."""
        return self._text(self.form.single, [self.ordinary[:1] * 3])

    def drawn(self, texts: int) -> Iterator[list[TextIds]]:
        """
        Batches of texts drawn from the vocabulary: the shortest, the longest, and between them
        each alone and together with others.
        """
        draw = random.Random(0)
        words = self.ordinary
        frames = [self.form.single] + ([self.form.pair] if self.form.pair else [])

        def text(frame: Frame, length: int) -> TextIds:
            return self._text(frame, [draw.choices(words, k=length) for _ in range(frame.parts)])

        if self.form.single.around[0]:
            yield [self._text(self.form.single, [[]])]
        yield [text(self.form.single, 1)]
        longest = min([length for _, length in usable_lengths(self.model)], default=LONGEST)
        yield [text(self.form.single, longest - sum(map(len, self.form.single.around)))]
        room = longest - max(sum(map(len, frame.around)) for frame in frames)
        short = max(1, min(SHORT, room // 2))
        for _ in range(max(1, texts // 2 // len(frames))):
            together = [text(frame, draw.randint(1, short)) for frame in frames for _ in range(2)]
            yield together
            yield together[:1]

    def _text(self, frame: Frame, parts: Sequence[Sequence[int]]) -> TextIds:
        return frame.ids(parts), frame.types(parts)

    def inputs(self, texts: Sequence[TextIds]) -> dict[str, Any]:
        """A batch, as AllenNLP's data loaders would give it."""
        ids, types = (_padded([text[which] for text in texts]) for which in (0, 1))
        tensors = {"tokens": ids}
        if isinstance(self.embedder, PretrainedTransformerEmbedder):
            # shape: (texts, tokens)
            mask = _padded([[1] * len(text) for text, _ in texts]).bool()
            tensors = {"token_ids": ids, "mask": mask}
            tables = [encoder.find(Part.TOKEN_TYPES) for encoder in encoders_in(self.model)]
            if any(table is not None and table.num_embeddings > 1 for table in tables):
                tensors["type_ids"] = types
        inputs: dict[str, Any] = {self.field: {self.indexer: tensors}}
        if SPAN in inspect.signature(self.model.forward).parameters:
            inputs[SPAN] = torch.tensor([[0, len(text) - 1] for text, _ in texts])
        device = next(self.model.parameters()).device
        return move_to_device(inputs, device)


def _padded(rows: Sequence[Sequence[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
