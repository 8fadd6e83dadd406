"""A model of transformers in, an ordinary archive out."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from transformers.utils import logging

from facade_allennlp.archives import load, written_whole
from facade_allennlp.archives.archive import ARCHIVE_NAME, pack, write_files
from facade_allennlp.archives.carried_transformer import CARRIED
from facade_allennlp.errors import with_article
from facade_allennlp.exchange.beside import check_equal, examples, expected_logits
from facade_allennlp.exchange.form import Form
from facade_allennlp.exchange.layout import Layout, carried_config
from facade_allennlp.exchange.original import Original, read_original
from facade_allennlp.exchange.question_form import QuestionForm
from facade_allennlp.exchange.text_form import PairForm, TextForm, task_of
from facade_allennlp.exchange.token_form import TokenForm
from facade_allennlp.number import number
from facade_allennlp.tasks.task import LABELS

OTHER_FORMS: dict[str, type[Form]] = {
    "ForQuestionAnswering": QuestionForm,
    "ForTokenClassification": TokenForm,
}
HEADS = ("ForSequenceClassification", *OTHER_FORMS)
"""With what the names of classes end that can be imported."""


@contextmanager
def _silent() -> Iterator[None]:
    """What transformers warns of is either refused, or meant to be."""
    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


@_silent()
def import_transformers(
    name: str,
    output: Path,
    pairs: bool = False,
    task: Optional[str] = None,
    max_length: Optional[int] = None,
    force: bool = False,
) -> Path:
    """
    Makes an archive of a model of transformers. The archive holds tokenizer, configuration and
    weights, needs nothing else where it is loaded, and answers as the original does: it is run
    beside it before it is written.

    >>> import_transformers("runs/bert-of-mine", Path("runs/f"))
    PosixPath('runs/f/model.tar.gz')

    # Parameters

    name : `str`
        A folder that `save_pretrained` wrote, or the name of a model on the Hugging Face hub.
    output : `Path`
        The folder to make; the archive in it is `model.tar.gz`.
    pairs : `bool`, optional (default = `False`)
        Whether the model reads pairs of texts.
    task : `str`, optional (default = what the model's config says)
        What a model of texts decides.
    max_length : `int`, optional (default = what encoder and tokenizer take)
        The most tokens of an input; longer texts are cut.
    force : `bool`, optional (default = `False`)
        Replaces `output` where it exists.

    # Returns

    `Path` : the archive.

    # Raises

    `ConfigurationError` : there is no such model; its files are not those of one model; its head is
        not known; the archive would not answer as the original does; `output` exists.
    """
    original = read_original(name, HEADS)
    form = _form(original, pairs, task, _length(original, max_length))
    layout = form.layout(original)
    inputs = examples(original, form)
    expected = expected_logits(original, form, inputs)
    with written_whole(output, force) as folder:
        _write(folder, original, layout)
        # One of the two models at a time is enough for the memory.
        labels = layout.labels
        del original, layout
        archive = load(str(folder))
        check_equal(name, archive, form, inputs, expected)
        _check_labels(name, archive.model.vocab, labels)
        del archive
        pack(folder)
    return output / ARCHIVE_NAME


def _form(original: Original, pairs: bool, task: Optional[str], length: Optional[int]) -> Form:
    for head, form in OTHER_FORMS.items():
        if original.architecture.endswith(head):
            if pairs or task:
                raise ConfigurationError(
                    f"{original.name} is {with_article(original.architecture)}: --pairs and --task "
                    "are for "
                    "models ...ForSequenceClassification"
                )
            return form(length)
    return (PairForm if pairs else TextForm)(length, task_of(original, task))


def _length(original: Original, asked: Optional[int]) -> Optional[int]:
    least = original.tokenizer.num_special_tokens_to_add(pair=True) + 2
    if asked is not None:
        number("max_length", asked, least=least, whole=True)
    length = original.length if asked is None else asked
    if length is not None and length < least:
        raise ConfigurationError(
            f"{original.name} takes texts of at most {length} tokens, by its config.json or by "
            f"model_max_length of its tokenizer, and a pair of words has {least}"
        )
    if asked is not None and original.length is not None and asked > original.length:
        raise ConfigurationError(
            f"max_length is {asked}, but {original.name} takes at most {original.length} tokens"
        )
    return length


def _write(folder: Path, original: Original, layout: Layout) -> None:
    """All files of an archive."""
    config: dict[str, Any] = {
        "dataset_reader": layout.reader,
        "model": layout.model,
        "data_loader": {"batch_size": 32},
    }
    vocabulary = Vocabulary.empty()
    vocabulary.add_tokens_to_namespace(layout.labels, LABELS)
    write_files(folder, config, vocabulary, layout.weights)
    carried_config(original).save_pretrained(folder / CARRIED)
    original.tokenizer._auto_map = None  # code that is never run
    original.tokenizer.save_pretrained(folder / CARRIED)


def _check_labels(name: str, vocabulary: Vocabulary, labels: list[str]) -> None:
    """A vocabulary file has a name on each line, so that not every name comes back from it."""
    known = vocabulary.get_token_to_index_vocabulary(LABELS)
    if [known.get(label) for label in labels] != list(range(len(known))):
        raise ConfigurationError(
            f"{name}: id2label in config.json has names that a vocabulary cannot hold: "
            f"{', '.join(map(repr, labels))}"
        )
