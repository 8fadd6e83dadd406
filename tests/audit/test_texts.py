"""Texts that tell little, or nothing: the audit says so, and calls nobody a liar for them."""

import torch

from facade_allennlp.audit import Subject, audit
from facade_allennlp.results.audit import Audit
from tests.audit.conftest import subject


def result(subject: Subject) -> Audit:
    return audit(subject, "the model", "the texts")


def test_ten_texts_are_enough_for_a_rough_answer(audited: dict[str, str]) -> None:
    found = result(subject(audited["f"], limit=10))
    assert found.result == "nothing"
    assert any("10 texts are few" in line for line in found.not_looked_at)
    found = result(subject(audited["dense"], limit=10))
    assert found.result == "found"


def test_one_text_and_an_ensemble(audited: dict[str, str]) -> None:
    found = result(subject(audited["two"], limit=1))
    assert (found.result, found.exit_status) == ("unknown", 1)


def test_texts_of_another_language_are_unknown_words(audited: dict[str, str]) -> None:
    seen = subject(audited["f"])
    reader = seen.explained.dataset_reader
    assert reader is not None
    texts = ["\u043f\u043b\u043e\u0445\u043e " * (3 + n) + "great" for n in range(12)]
    instances = [reader.text_to_instance(text) for text in texts]
    for instance in instances:
        reader.apply_token_indexers(instance)
        instance.index_fields(seen.explained.model.vocab)
    foreign = Subject(seen.explained, instances)
    assert foreign.moves > 0
    found = result(foreign)
    assert (found.result, found.exit_status) == ("unknown", 1)
    assert all("one token to the model, '[UNK]'" in w.sentence for w in found.witnesses)


def test_a_model_that_only_ever_predicts_one_label(audited: dict[str, str]) -> None:
    for name, expected in (("f", "nothing"), ("dense", "found")):
        seen = subject(audited[name])
        with torch.no_grad():
            seen.explained.model._classification_layer.bias[0] += 100
        found = result(seen)
        assert found.result == expected
        assert any("decided alike" in line for line in found.not_looked_at)
