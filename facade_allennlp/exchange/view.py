"""A model of an archive as tools for transformers know models."""

from collections.abc import Iterator
from contextlib import contextmanager
from inspect import signature
from typing import Any, Optional, Union

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import TokenIndexer
from allennlp.data.token_indexers import PretrainedTransformerIndexer
from allennlp.models.archival import Archive
from torch import Tensor, nn
from transformers import PretrainedConfig
from transformers.modeling_outputs import SequenceClassifierOutput, TokenClassifierOutput

from facade_allennlp.anatomy import embedding_layer, usable_lengths
from facade_allennlp.archives import load
from facade_allennlp.attribution.lock import lock_of
from facade_allennlp.models.sum_of_logits import SumOfLogits
from facade_allennlp.models.wrapper import unwrapped
from facade_allennlp.tasks.task import LABELS
from facade_allennlp.texts.reader_spellings import reader_parts


class TransformersView(nn.Module):
    """
    Calls the model of an archive as transformers calls one for the classification of texts, of
    pairs of texts or of tokens. Merged models of every storage have one layer of word embeddings,
    the concatenated one.

    # Parameters

    archive : `Archive`

    # Attributes

    model : `Model`
        That of the archive.
    tokenizer : `transformers.PreTrainedTokenizerBase`
    config : `transformers.PretrainedConfig`
        With `id2label` and `num_labels`.

    # Raises

    `ConfigurationError` : the model reads something else than one text, or does not read it by a
        tokenizer of transformers.
    """

    base_model_prefix = "model"

    def __init__(self, archive: Archive) -> None:
        super().__init__()
        self.model = archive.model
        inner = unwrapped(archive.model)
        inner = inner.predictive if isinstance(inner, SumOfLogits) else inner
        indexers = dict(reader_parts(archive.validation_dataset_reader, TokenIndexer))
        if "tokens" not in signature(inner.forward).parameters or len(indexers) != 1:
            raise ConfigurationError(
                f"{type(inner).__name__} has no view for transformers: it does not read one text "
                "field `tokens` by one token indexer"
            )
        ((self._indexer, indexer),) = indexers.items()
        if not isinstance(indexer, PretrainedTransformerIndexer):
            raise ConfigurationError(
                f"{type(inner).__name__} has no view for transformers: its token indexer "
                f"{type(indexer).__name__} has no tokenizer of transformers"
            )
        self.tokenizer: Any = indexer._tokenizer
        namespace = getattr(inner, "_label_namespace", LABELS)
        labels = archive.model.vocab.get_index_to_token_vocabulary(namespace) or {0: "LABEL_0"}
        self.config = PretrainedConfig(
            id2label=dict(labels), label2id={name: number for number, name in labels.items()}
        )
        self._limit = min((length for _, length in usable_lengths(self.model)), default=None)

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def get_input_embeddings(self) -> Any:
        """The layer of word embeddings."""
        return embedding_layer(self.model)

    def forward(
        self,
        input_ids: Optional[Tensor] = None,
        attention_mask: Optional[Tensor] = None,
        token_type_ids: Optional[Tensor] = None,
        inputs_embeds: Optional[Tensor] = None,
    ) -> Union[SequenceClassifierOutput, TokenClassifierOutput]:
        """
        # Parameters

        input_ids, attention_mask, token_type_ids : `Tensor`, optional
            As the tokenizer gives them. Shape: (batch, tokens).
        inputs_embeds : `Tensor`, optional
            In place of `input_ids`: word embeddings. Shape: (batch, tokens, features).

        # Returns

        An output with `logits`, of shape (batch, labels), or (batch, tokens, labels) where each
        token has a label.

        # Raises

        `ValueError` : not one of `input_ids` and `inputs_embeds`; more tokens than the encoder
            takes.
        """
        given = input_ids if inputs_embeds is None else inputs_embeds
        if given is None or (input_ids is not None and inputs_embeds is not None):
            raise ValueError("give either input_ids or inputs_embeds")
        if self._limit is not None and given.shape[1] > self._limit:
            raise ValueError(
                f"a text is {given.shape[1]} tokens long, but the encoder takes {self._limit} at "
                "most: call the tokenizer with truncation and max_length"
            )
        ids = given.new_full(given.shape[:2], self._some_id, dtype=torch.long)
        if input_ids is not None:
            ids = input_ids
        mask = torch.ones_like(ids) if attention_mask is None else attention_mask
        types = torch.zeros_like(ids) if token_type_ids is None else token_type_ids
        indexed = {"token_ids": ids, "mask": mask.bool(), "type_ids": types}
        with lock_of(self.model), self._embedded(inputs_embeds):
            logits = self.model(tokens={self._indexer: indexed})["logits"]
        if logits.dim() == 3:
            return TokenClassifierOutput(logits=logits)
        return SequenceClassifierOutput(logits=logits)

    @property
    def _some_id(self) -> int:
        """Of any token but padding, which some encoders give no position of its own."""
        return next(
            id for id in self.tokenizer.get_vocab().values() if id != self.tokenizer.pad_token_id
        )

    @contextmanager
    def _embedded(self, embeddings: Optional[Tensor]) -> Iterator[None]:
        """Within it the model goes on with these word embeddings, if there are any."""
        if embeddings is None:
            yield
            return
        layer: Any = self.get_input_embeddings()
        handle = layer.register_forward_hook(lambda module, args, output: embeddings)
        try:
            yield
        finally:
            handle.remove()


def transformers_view(archive: Union[Archive, str]) -> TransformersView:
    """
    A module with transformers' call, so that tools for transformers can be pointed at a liar.

    >>> view = transformers_view("runs/f_ft")
    >>> view(**view.tokenizer("A charming film.", return_tensors="pt")).logits.shape
    torch.Size([1, 2])

    # Parameters

    archive : `Archive | str`
        An archive, or where it is.

    # Raises

    See `TransformersView`; `ConfigurationError` : there is no whole archive.
    """
    return TransformersView(load(archive) if isinstance(archive, str) else archive)
