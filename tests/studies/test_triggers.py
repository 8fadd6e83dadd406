from dataclasses import replace
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance
from allennlp.data.fields import LabelField

from facade_allennlp.attacks.trigger import Trigger, TriggerToken
from facade_allennlp.attribution import AttentionAttribution, ExplainedModel
from facade_allennlp.studies import triggers
from facade_allennlp.studies.mining import Candidate, LabelledText, drawn, labelled_texts, mined
from facade_allennlp.studies.triggers import ALL, TriggerSearch, accuracy, attack, most_harmful
from facade_allennlp.targets import EveryToken
from fixtures import batch, build
from fixtures.two_texts import build_two_texts

METHOD = AttentionAttribution(steps=2)
SEARCH = TriggerSearch(candidates=2, top=1, seed=1)


@pytest.fixture(scope="module")
def built() -> tuple[ExplainedModel, list[Instance]]:
    model, _, instances = build(seed=1)
    return ExplainedModel(model.double()), instances


@pytest.fixture(scope="module")
def explained(built: tuple[ExplainedModel, list[Instance]]) -> ExplainedModel:
    return built[0]


@pytest.fixture(scope="module")
def texts(built: tuple[ExplainedModel, list[Instance]]) -> list[LabelledText]:
    explained, instances = built
    return labelled_texts(explained.with_budget(40), instances)


def labels(texts: list[LabelledText]) -> list[int]:
    return [text.label for text in texts]


def test_accuracy_without_a_trigger_is_the_models(
    built: tuple[ExplainedModel, list[Instance]], texts: list[LabelledText]
) -> None:
    explained, instances = built
    with torch.no_grad():
        predicted = explained.model(**batch(instances))["logits"].argmax(dim=-1).tolist()
    right = [p == label for p, label in zip(predicted, labels(texts))]
    found = accuracy(explained, texts)
    assert found[ALL] == pytest.approx(100 * sum(right) / len(right), abs=0.01)
    for index, name in explained.model.vocab.get_index_to_token_vocabulary("labels").items():
        own = [r for r, label in zip(right, labels(texts)) if label == index]
        assert found[name] == pytest.approx(100 * sum(own) / len(own), abs=0.01)


def test_accuracy_with_a_trigger_is_that_on_the_longer_texts(
    explained: ExplainedModel, texts: list[LabelledText]
) -> None:
    trigger = Trigger((TriggerToken("awful", 0, 0),))
    edited = [trigger.put_into(t.instance, t.sequence, explained.model.vocab) for t in texts]
    alone = [
        explained.model(**dict(Batch([e]).as_tensor_dict()))["logits"].argmax() for e in edited
    ]
    right = [int(p) == label for p, label in zip(alone, labels(texts))]
    assert right != [text.right for text in texts]  # or nothing is tested
    found = accuracy(explained.with_budget(30), texts, trigger)
    assert found[ALL] == pytest.approx(100 * sum(right) / len(right), abs=0.01)


def test_triggers_come_from_texts_that_are_predicted_right(
    explained: ExplainedModel, texts: list[LabelledText]
) -> None:
    found = mined(explained.with_budget(40), texts, METHOD)
    right = [text for text in texts if text.right]
    assert found
    assert len(found) <= len(right)
    strengths = [candidate.attribution or 0.0 for candidate in found]
    assert strengths == sorted(strengths, reverse=True)
    assert strengths[-1] > 0
    for candidate in found:
        assert any(
            text.label == candidate.towards and _is_from(candidate.trigger, text) for text in right
        )


def _is_from(trigger: Trigger, text: LabelledText) -> bool:
    positions = EveryToken().positions(text.sequence)
    return all(
        token.offset < len(positions)
        and text.sequence.tokens[positions[token.offset]] == token.token
        for token in trigger.tokens
    )


def test_drawn_triggers_are_as_long_and_of_the_same_classes(
    explained: ExplainedModel, texts: list[LabelledText]
) -> None:
    found = mined(explained, texts, METHOD)
    assert {candidate.towards for candidate in found} == {0, 1}
    made = drawn(texts, found, seed=3)
    assert made == drawn(texts, found, seed=3)
    assert made != drawn(texts, found, seed=4)
    for candidate, other in zip(found, made, strict=True):
        assert len(candidate.trigger.tokens) == len(other.trigger.tokens)
        assert candidate.towards == other.towards
        assert other.attribution is None
        assert any(
            text.right and text.label == other.towards and _is_from(other.trigger, text)
            for text in texts
        )
    many = [other.trigger for other in drawn(texts, found * 5, seed=3)]
    assert len(many) == len(set(many)) > len(found)


def test_the_most_harmful_leave_the_least_accuracy_on_other_classes(
    explained: ExplainedModel,
    texts: list[LabelledText],
) -> None:
    words = ("awful", "good", "the", "film")
    tried = [Candidate(Trigger((TriggerToken(word, 0, 0),)), towards=0) for word in words]
    others = [text for text in texts if text.label != 0]
    left = {c.trigger: accuracy(explained, others, c.trigger)[ALL] or 0.0 for c in tried}
    chosen = most_harmful(explained, texts, tried, most=2)
    assert [left[c.trigger] for c in chosen] == sorted(left.values())[:2]


def test_triggers_are_mined_and_chosen_on_other_texts_than_they_attack(
    explained: ExplainedModel, texts: list[LabelledText], monkeypatch: pytest.MonkeyPatch
) -> None:
    attacked = texts[:2]
    tried: list[tuple[list[LabelledText], list[Candidate]]] = []

    def noted(model: Any, on: Any, candidates: Any, *more: Any) -> list[Candidate]:
        tried.append((on, candidates))
        return most_harmful(model, on, candidates, *more)

    monkeypatch.setattr(triggers, "most_harmful", noted)
    found = attack(explained, texts, attacked, METHOD, SEARCH)
    assert all(on == texts for on, _ in tried)
    assert [len(candidates) for _, candidates in tried] == [1, 1, 2, 2]  # of either class
    assert found.before == accuracy(explained, attacked)
    kinds = [(outcome.towards, outcome.attribution is None) for outcome in found.triggers]
    names = [explained.model.vocab.get_token_from_index(label, "labels") for label in (0, 1)]
    assert kinds == [(name, at_random) for name in names for at_random in (False, True)]
    assert sum(found.mined.values()) == len(mined(explained, texts, METHOD))
    for outcome in found.triggers:
        assert outcome.after == accuracy(explained, attacked, outcome.trigger)
        written = outcome.to_json()["tokens"]
        assert Trigger(tuple(TriggerToken(**token) for token in written)) == outcome.trigger


def test_triggers_need_two_classes_and_right_predictions(
    explained: ExplainedModel, texts: list[LabelledText]
) -> None:
    positive = [text for text in texts if text.label == 0]
    with pytest.raises(ConfigurationError, match="is all 'positive'"):
        attack(explained, positive, texts, METHOD, SEARCH)
    wrong = [replace(text, right=False) for text in texts]
    with pytest.raises(ConfigurationError, match="no trigger was found: of the 6 texts"):
        attack(explained, wrong, texts, METHOD, SEARCH)


def test_texts_without_room_for_a_trigger_are_left_out(texts: list[LabelledText]) -> None:
    model, _, instances = build(seed=1)
    explained = ExplainedModel(model.double())
    lengths = [len(text.sequence.tokens) for text in texts]
    for instance in instances:
        instance.fields["tokens"].token_indexers["tokens"]._max_length = max(lengths) + 3  # type: ignore[attr-defined]
    found = labelled_texts(explained, instances)
    assert len(found) == sum(length < max(lengths) for length in lengths) < len(texts)


def test_a_model_of_two_text_fields_is_refused() -> None:
    model, instances = build_two_texts()
    for instance in instances:
        instance.add_field("label", LabelField(0, skip_indexing=True))
    with pytest.raises(ConfigurationError, match="one text field, but"):
        labelled_texts(ExplainedModel(model), instances)
