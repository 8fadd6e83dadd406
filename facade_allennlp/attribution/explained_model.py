"""The one place where a model is run for an explanation: its embeddings, its logits, its loss."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, DatasetReader, Instance
from allennlp.models import Model
from allennlp.nn.util import move_to_device
from torch import Tensor

from facade_allennlp.anatomy import embedding_layer, reads_tokens_first
from facade_allennlp.anatomy.lengths import LengthChecks
from facade_allennlp.attribution.embedded_texts import EmbeddedTexts
from facade_allennlp.attribution.explained_layer import ExplainedLayer, going_on_with
from facade_allennlp.attribution.forward_pass import (
    EmbeddedField,
    ForwardPass,
    Perturbation,
    differentiable_kernels,
    model_output,
)
from facade_allennlp.attribution.inputs import (
    METADATA,
    Inputs,
    batch_shape,
    without_labels,
)
from facade_allennlp.attribution.like_lengths import PassBudget, budget_on
from facade_allennlp.attribution.lock import ModelLock, lock_of
from facade_allennlp.attribution.metadata_use import MetadataUse
from facade_allennlp.number import number
from facade_allennlp.tasks import Task
from facade_allennlp.tasks.class_names import class_names
from facade_allennlp.tasks.task import LABELS, check_suits, fitting_task
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_reader import TokenReader

HALF = "bf16"
"""A precision: sixteen bits, eight of them the exponent."""
NAMESPACES = {"token_ids": "tags", "tokens": "tokens"}
"""Vocabulary namespaces of token ids, by the name that AllenNLP's indexers give the ids."""


class ExplainedModel:
    """
    An AllenNLP model together with what an explanation has to know of it.

    # Parameters

    model : `Model`
        Any model with an embedding layer that can be explained, see `ExplainedLayer`.
    logits : `Sequence[str]`, optional (default = `None`)
        The names of the output tensors that hold logits, one per decision; by default those that
        the task names, or every tensor of the output whose name ends in `logits`.
    namespaces : `Mapping[str, str]`, optional (default = `None`)
        Vocabulary namespaces that differ from `NAMESPACES`, by the indexer's name for the ids.
    indexers : `Mapping[str, str]`, optional (default = `None`)
        Vocabulary namespaces by the names of the indexers of text fields; they go before.
    label_namespace : `str`, optional (default = `"labels"`)
        Where the vocabulary holds the names of classes.
    task : `Task`, optional (default = one that fits the model's outputs, once it has run)
    dataset_reader : `DatasetReader`, optional (default = `None`)
        What makes the model's instances, for methods that read a corpus.
    max_batch_tokens : `int`, optional (default = chosen for the model's device)
        The most tokens (rows times padded length) in one forward pass, so that memory stays
        bounded; a single row may exceed it.
    spellings : `Mapping[str, Spelling]`, optional (default = `None`)
        How vocabulary namespaces spell words, where that is known; see `TokenReader`.
    precision : `str`, optional (default = the model's)
        `bf16`: methods whose ranks of tokens stay compute in half precision; what the model decides
        is computed in its own.

    # Raises

    `ConfigurationError` : AllenNLP finds no embedding layer; a pass of no token; another precision.
    """

    def __init__(
        self,
        model: Model,
        logits: Optional[Sequence[str]] = None,
        namespaces: Optional[Mapping[str, str]] = None,
        max_batch_tokens: Optional[int] = None,
        indexers: Optional[Mapping[str, str]] = None,
        label_namespace: str = LABELS,
        task: Optional[Task] = None,
        spellings: Optional[Mapping[str, Spelling]] = None,
        dataset_reader: Optional[DatasetReader] = None,
        precision: Optional[str] = None,
    ) -> None:
        if precision not in (None, HALF):
            raise ConfigurationError(
                f"precision is {precision!r}, but can only be {HALF!r}; or leave it out"
            )
        self.precision = precision
        if max_batch_tokens is not None:
            number("max_batch_tokens", max_batch_tokens, least=1, whole=True)
        self._max_batch_tokens = max_batch_tokens
        self.model = model
        self.dataset_reader = dataset_reader
        self.reader = TokenReader(model.vocab, spellings)
        self.logits_names = tuple(logits) if logits else None
        self.namespaces = {**NAMESPACES, **(namespaces or {})}
        self.indexers = dict(indexers or {})
        self.label_namespace = label_namespace
        self._tasks = [] if task is None else [task]  # a list, which copies share
        for known in self._tasks:
            known.reader = self.reader
        try:
            self.embedding_layer = embedding_layer(model)
        except RuntimeError:
            raise ConfigurationError(
                f"no embedding layer was found in {type(model).__name__}: it has no text field "
                "embedder and no transformer, so there is nothing to attribute to"
            ) from None
        self._layer = ExplainedLayer(model, self.embedding_layer, reads_tokens_first(model))
        self._lengths = LengthChecks(model)
        self._metadata = MetadataUse(model, self._logits_of)

    def of(self, model: Model) -> "ExplainedModel":
        """The same for another model, which reads and decides as this one."""
        return ExplainedModel(
            model,
            self.logits_names,
            self.namespaces,
            self._max_batch_tokens,
            self.indexers,
            self.label_namespace,
            next(iter(self._tasks), None),
            self.reader.given,
            self.dataset_reader,
            self.precision,
        )

    @property
    def task(self) -> Task:
        """
        What the model decides.

        # Raises

        `RuntimeError` : that is not known before the model has run; see `task_on`.
        """
        if not self._tasks:
            raise RuntimeError("the task of a model is known by its outputs, once it has run")
        return self._tasks[0]

    def task_on(self, instances: Sequence[Instance]) -> Task:
        """The model's task; where it is not known yet, the model is run on the first instance."""
        if not self._tasks:
            tensors = move_to_device(dict(Batch(instances[:1]).as_tensor_dict()), self.device)
            with torch.no_grad():
                self.run(self.without_labels(tensors, metadata=True))
        return self.task

    @property
    def token_namespaces(self) -> set[str]:
        """Those of the vocabulary that hold the tokens of texts."""
        known = self.indexers or self.namespaces
        return set(known.values()) & self.model.vocab.get_namespaces()

    @property
    def class_names(self) -> list[str]:
        """Those in the vocabulary, in the order of their numbers; none where there are none."""
        return class_names(self.model.vocab, self.label_namespace)

    def without_labels(self, inputs: Inputs, metadata: bool = False) -> dict[str, Any]:
        """See the function of this name; metadata stays, too, where the logits depend on it."""
        gold = [task.gold_field for task in self._tasks]
        bare = without_labels(self.model, inputs, metadata, gold)
        if metadata or METADATA in bare:
            return bare
        whole = without_labels(self.model, inputs, True, gold)
        return whole if METADATA in whole and self._metadata.needed(whole, bare) else bare

    def _logits_of(self, inputs: Inputs) -> list[Tensor]:
        return self.run(move_to_device(dict(inputs), self.device)).logits

    def unlabelled(self, instance: Instance) -> Instance:
        """
        An indexed instance without its gold labels, unless the model cannot run without them. The
        fields are shared.
        """
        bare = Instance(self.without_labels(instance.fields, metadata=True))
        bare.indexed = True
        return bare

    def with_budget(self, max_batch_tokens: int) -> "ExplainedModel":
        """The same model, with passes of at most so many tokens."""
        other = copy.copy(self)
        other._max_batch_tokens = max_batch_tokens
        return other

    @property
    def budget(self) -> PassBudget:
        """How large a forward pass is: as chosen for the model's device, or as the user says."""
        chosen = budget_on(self.device)
        if self._max_batch_tokens is None:
            return chosen
        return replace(chosen, tokens=self._max_batch_tokens)

    @property
    def max_batch_tokens(self) -> int:
        """The most tokens in one forward pass."""
        return self.budget.tokens

    def rows_in_pass(self, inputs: Inputs) -> int:
        """How many of these inputs one forward pass takes; at least one."""
        _, length = batch_shape(inputs)
        return max(1, self.max_batch_tokens // length)

    @property
    def lock(self) -> ModelLock:
        """Held by a thread as long as its hooks are in the model; every pass takes it by itself."""
        return lock_of(self.model)

    @property
    def device(self) -> torch.device:
        return next(self.model.parameters()).device

    def forward(
        self,
        inputs: Inputs,
        perturb: Optional[Perturbation] = None,
        keep_graph: bool = False,
    ) -> ForwardPass:
        """
        Runs the model, with its embeddings replaced where `perturb` is given.

        # Parameters

        inputs : `Inputs`
            A batch as AllenNLP's data loaders give it.
        perturb : `Perturbation`, optional
            Applied to what the embedding layer returns.
        keep_graph : `bool`
            Keeps the path from the embeddings back to the parameters, for a loss on attributions.

        # Raises

        `ConfigurationError` : a text is longer than the encoder takes, or was folded into windows;
            the model returns no logits.
        """

        def differentiable(field: EmbeddedField) -> Tensor:
            if not keep_graph:
                field.embeddings = field.embeddings.detach()
            if not field.embeddings.requires_grad:
                field.embeddings.requires_grad_()
            return field.embeddings if perturb is None else perturb(field)

        with torch.enable_grad(), differentiable_kernels(keep_graph):
            return self._run(inputs, differentiable)

    def run(self, inputs: Inputs, embeddings: Optional[Sequence[Tensor]] = None) -> ForwardPass:
        """
        Runs the model as it is, and notes the texts that it embeds; with `embeddings`, from these,
        one of shape (rows, tokens, features) for each text field in turn.
        """
        if embeddings is None:
            return self._run(inputs, lambda field: field.embeddings)
        return self._run(inputs, going_on_with(embeddings))

    def _run(self, inputs: Inputs, at_embeddings: Perturbation) -> ForwardPass:
        forward, unread = self._pass(inputs, at_embeddings)
        embeddings = [field.perturbed for field in forward.fields]
        self._layer.check_paths(
            inputs, unread, lambda other: self._pass(other, going_on_with(embeddings))[0].logits
        )
        return forward

    def _pass(
        self, inputs: Inputs, at_embeddings: Perturbation
    ) -> tuple[ForwardPass, list[tuple[str, str]]]:
        """With the text fields, each with an indexer, that the embedding layer was not given."""
        texts = EmbeddedTexts(inputs, self.namespaces, self.indexers)
        opened = self._layer.opened(texts, at_embeddings)
        with self.lock, opened as fields, self._lengths.installed():
            outputs = self.model(**inputs)
        return self._forward_pass(fields, outputs), texts.unread

    @property
    def positions(self) -> Optional[int]:
        """The most tokens of a text that all encoders take; `None` where none has a limit."""
        return self._lengths.positions

    def _forward_pass(self, fields: list[EmbeddedField], outputs: dict[str, Any]) -> ForwardPass:
        names = self.logits_names or (tuple(self.task.logits) if self._tasks else ())
        output = model_output(self.model, outputs, names, fields)
        if not self._tasks:
            task = fitting_task(output, self.model.vocab, self.label_namespace, self.model)
            task.reader = self.reader
            self._tasks.append(task)
        check_suits(self.task, output, self.model)
        return ForwardPass(output.names, output.logits, outputs, fields, self.task)
