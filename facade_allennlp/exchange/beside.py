"""An imported archive beside its original."""

import itertools
import random
from collections.abc import Iterator, Sequence

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import Archive
from torch import Tensor

from facade_allennlp.errors import brief
from facade_allennlp.exchange.form import Example, Form
from facade_allennlp.exchange.original import Original

TOLERANCE = 1e-5
"""By which logits may differ, as they are or as a share of the largest."""
BROKEN = "\ufffd"
"""What a decoder gives for some bytes of a character."""
DRAWS = 100_000


def examples(original: Original, form: Form) -> list[Example]:
    """
    Texts made of the tokenizer's vocabulary: of several lengths, one of them longer than the model
    takes.

    # Raises

    `ConfigurationError` : the vocabulary has no words.
    """
    generator = random.Random(0)
    tokenizer = original.tokenizer
    special = set(tokenizer.all_special_ids)
    ids = sorted(id for id in tokenizer.get_vocab().values() if id not in special)

    def drawn() -> Iterator[int]:
        for _ in range(DRAWS if ids else 0):
            id = generator.choice(ids)
            word = tokenizer.decode([id]).strip()
            if word and word.isprintable() and BROKEN not in word:
                yield id

    def text(length: int) -> str:
        words = [*itertools.islice(drawn(), length)]
        text = " ".join(tokenizer.decode(words).split())
        if len(words) < length or not tokenizer(text, add_special_tokens=False)["input_ids"]:
            raise ConfigurationError(
                f"{original.name}: the tokenizer does not know the words of its own vocabulary"
            )
        return text

    return [tuple(map(text, lengths)) for lengths in form.lengths()]


@torch.no_grad()
def expected_logits(original: Original, form: Form, inputs: Sequence[Example]) -> list[Tensor]:
    """
    What the original answers to each input by itself.

    # Raises

    `ConfigurationError` : it cannot, or not with numbers.
    """
    try:
        logits = [form.expected(original, example) for example in inputs]
    except (AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"{original.name}: the model does not run on a text of its own tokenizer: "
            f"{brief(error)}"
        ) from None
    if not all(output.isfinite().all() for output in logits):
        raise ConfigurationError(f"{original.name}: the model answers with NaN or infinite numbers")
    return logits


def check_equal(
    name: str, archive: Archive, form: Form, inputs: Sequence[Example], expected: Sequence[Tensor]
) -> None:
    """
    Compares the archive's logits with the original's, for each input alone and beside its
    neighbour: batches of two show what padding does, and only one text is padded to the longest.

    # Raises

    `ConfigurationError` : they differ.
    """
    reader = archive.validation_dataset_reader
    instances = [form.instance(reader, example) for example in inputs]
    for instance in instances:
        reader.apply_token_indexers(instance)
    for way, size in (("alone", 1), ("in a batch", 2)):
        outputs = [
            output
            for start in range(0, len(instances), size)
            for output in archive.model.forward_on_instances(instances[start : start + size])
        ]
        for example, output, wanted in zip(inputs, outputs, expected):
            given = form.given(output, wanted)
            scale = max(1.0, float(wanted.abs().max()))
            if given.shape != wanted.shape or not (given - wanted).abs().max() <= TOLERANCE * scale:
                raise ConfigurationError(
                    f"{name}: AllenNLP's model does not answer as the original does, and is not "
                    f"written: for {' / '.join(example)[:80]!r} {way} its logits are "
                    f"{_listed(given)}, not {_listed(wanted)}"
                )


def _listed(logits: Tensor) -> str:
    return ", ".join(f"{number:.6f}" for number in logits.flatten()[:4].tolist())
