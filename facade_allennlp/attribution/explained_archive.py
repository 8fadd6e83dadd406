"""The one place where an explained model is made of what an archive holds."""

from collections.abc import Sequence
from typing import Any, Optional

from allennlp.data import DatasetReader, TokenIndexer
from allennlp.models import Model
from allennlp.models.archival import Archive

from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.tasks.task import LABELS, make_task
from facade_allennlp.texts.reader_spellings import (
    indexer_namespace,
    reader_parts,
    reader_spellings,
)


def explained_archive(archive: Archive, **options: Any) -> ExplainedModel:
    """
    An explained model from an archive.

    >>> explained = explained_archive(load("runs/f"), max_batch_tokens=1024)
    >>> Gradient().attribute(explained, inputs)

    # Parameters

    archive : `Archive`
    options : `Any`
        See `explained_model`.
    """
    return explained_model(archive.model, archive.validation_dataset_reader, **options)


def explained_model(
    model: Model,
    reader: Optional[DatasetReader] = None,
    logits: Optional[Sequence[str]] = None,
    label_namespace: Optional[str] = None,
    task: Any = None,
    max_batch_tokens: Optional[int] = None,
    precision: Optional[str] = None,
) -> ExplainedModel:
    """
    An explained model from a model and the reader that makes its instances.

    # Parameters

    model : `Model`
    reader : `DatasetReader`, optional
        The namespaces of its token indexers are those of the ids that the model embeds, by default
        AllenNLP's usual ones; and its tokenizers say how words are spelled.
    logits : `Sequence[str]`, optional (default = those that the model's config or its task names)
        The names of the outputs that hold logits.
    label_namespace : `str`, optional (default = the model's)
        Where the vocabulary holds the names of classes.
    task : `str | dict`, optional (default = the model's `default_task`, else one that fits)
        The registered name of a `Task`, or a config with a `type`.
    max_batch_tokens : `int`, optional (default = chosen for the model's device)
        The most tokens in one forward pass.
    precision : `str`, optional (default = the model's)
        See `ExplainedModel`.

    # Raises

    `ConfigurationError` : the model has no embedding layer; there is no such task or precision.
    """
    said = _of_model(model, "_label_namespace") or _of_model(model, "label_namespace")
    namespace = label_namespace or said or LABELS
    task = task or _of_model(model, "default_task")
    return ExplainedModel(
        model,
        logits or _of_model(model, "logits_names"),
        max_batch_tokens=max_batch_tokens,
        indexers={} if reader is None else indexer_namespaces(reader),
        label_namespace=namespace,
        task=None if task is None else make_task(task, model.vocab, namespace),
        spellings={} if reader is None else reader_spellings(reader),
        dataset_reader=reader,
        precision=precision,
    )


def _of_model(model: Model, attribute: str) -> Any:
    """What a model, or the first one inside it that has the attribute, says of itself."""
    values = (getattr(module, attribute, None) for module in model.modules())
    return next((value for value in values if value), None)


def indexer_namespaces(reader: DatasetReader) -> dict[str, str]:
    """
    Vocabulary namespaces by the names of a reader's token indexers. A name that stands for several
    is left out.
    """
    namespaces: dict[str, set[str]] = {}
    for name, indexer in reader_parts(reader, TokenIndexer):
        namespace = indexer_namespace(indexer)
        if namespace is not None:
            namespaces.setdefault(name, set()).add(namespace)
    return {name: known.pop() for name, known in namespaces.items() if len(known) == 1}
