from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model

from facade_allennlp.attacks import Attack, Flip, HotFlip
from facade_allennlp.attacks import replacements as replacements_module
from facade_allennlp.attacks.replacements import Replacements
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.targets import EveryToken, StopWords, Words
from fixtures import build, by_hand, lstm_config, lstm_reader_config, read_text
from fixtures.pairs import STORAGES, pair
from fixtures.word_scores import build_word_scores, read_texts, words_of
from tests.attacks import by_loop
from tests.attacks.tiny import built, ids_of

SCORES = {"good": 3, "fine": 1, "the": 0.1, "bad": -2, "awful": -5, "great!": 9, "[MASK]": -99}


def candidates(model: Model) -> list[int]:
    """The tiny BERT's tokens that may be put in."""
    spelling = model.vocab.get_index_to_token_vocabulary("tags")
    return [i for i, token in spelling.items() if token.isalnum()]


def flipped(*texts: str, **settings: Any) -> list[tuple[str, bool]]:
    model, reader = build_word_scores(SCORES)
    results = HotFlip(**settings).attack(ExplainedModel(model), read_texts(model, reader, *texts))
    words = words_of([result.instance for result in results])
    return [(text, result.succeeded) for text, result in zip(words, results)]


def test_the_worst_word_of_all_is_put_in() -> None:
    # All gradients are equal, so that words go from left to right. Neither `great!` nor [MASK] may
    # be put in.
    assert flipped("the good fine", "bad the") == [
        ("awful good fine", True),
        ("good the", True),
    ]
    assert flipped("good good good good") == [("awful awful good good", True)]


def test_a_word_is_never_replaced_by_itself() -> None:
    model, _ = build_word_scores(SCORES)
    replacements = Replacements(ExplainedModel(model), "tokens")
    rows = torch.tensor([model.vocab.get_token_index(word) for word in ("awful", "good")])
    found = replacements.furthest(torch.tensor([[-1.0, 0.0]] * 2).double(), rows)
    names = [model.vocab.get_token_from_index(index) for index in found.tolist()]
    assert names == ["bad", "awful"]


def test_a_text_that_is_predicted_as_wanted_stays() -> None:
    model, reader = build_word_scores(SCORES)
    texts = read_texts(model, reader, "awful good")
    (result,) = HotFlip(wanted="negative").attack(ExplainedModel(model), texts)
    assert result.succeeded
    assert result.flips == []


@pytest.mark.parametrize("seed", range(5))
def test_every_flip_is_the_best_of_all_vocabulary_tokens(seed: int) -> None:
    model, instances = built(seed)
    results = HotFlip(EveryToken()).attack(ExplainedModel(model), instances)
    for instance, result in zip(instances, results, strict=True):
        ids = ids_of(instance)
        expected = by_loop.flips(model, ids, range(1, len(ids) - 1), candidates(model))
        indices = [model.vocab.get_token_index(flip.new, "tags") for flip in result.flips]
        assert list(zip((flip.position for flip in result.flips), indices)) == expected
        final = list(ids)
        for position, new in expected:
            final[position] = new
        assert ids_of(result.instance) == final
        changed = by_loop.predicted(model, final) != by_loop.predicted(model, ids)
        assert result.succeeded == changed


def test_these_texts_need_unlike_numbers_of_flips() -> None:
    """The tests that compare flips would say little if the first one always succeeded."""
    needed = {
        len(result.flips)
        for seed in range(5)
        for model, instances in [built(seed)]
        for result in HotFlip(EveryToken()).attack(ExplainedModel(model), instances)
    }
    assert len(needed) > 2


@pytest.mark.parametrize("wanted", ["positive", "negative"])
def test_the_loss_on_a_wanted_class_is_lowered_until_it_is_predicted(wanted: str) -> None:
    model, instances = built(2)
    number = model.vocab.get_token_index(wanted, "labels")
    results = HotFlip(EveryToken(), wanted=wanted).attack(ExplainedModel(model), instances)
    for instance, result in zip(instances, results, strict=True):
        ids = ids_of(instance)
        expected = by_loop.flips(
            model, ids, range(1, len(ids) - 1), candidates(model), wanted=number
        )
        if by_loop.predicted(model, ids) == number:
            expected = []
        indices = [model.vocab.get_token_index(flip.new, "tags") for flip in result.flips]
        assert list(zip((flip.position for flip in result.flips), indices)) == expected
        assert result.succeeded == (by_loop.predicted(model, ids_of(result.instance)) == number)
    assert len({len(result.flips) > 0 for result in results}) == 2


def test_batched_equals_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    model, instances = built(1)
    explained = ExplainedModel(model)
    together = HotFlip().attack(explained, instances)
    in_small_batches = HotFlip().attack(explained.with_budget(30), instances)
    monkeypatch.setattr(replacements_module, "MAX_SCORES", 1)
    for instance, result, small in zip(instances, together, in_small_batches, strict=True):
        (alone,) = HotFlip().attack(explained, [instance])
        assert result.to_json(0) == small.to_json(0) == alone.to_json(0)


def test_a_forward_pass_holds_no_more_tokens_than_allowed() -> None:
    model, instances = built(0)
    explained = ExplainedModel(model)
    sizes: list[int] = []
    explained.embedding_layer.register_forward_hook(
        lambda layer, args, output: sizes.append(output.shape[0] * output.shape[1])
    )
    HotFlip().attack(explained.with_budget(30), instances)
    assert max(sizes) <= 30


def test_each_text_costs_one_forward_pass_per_flip_and_one_to_begin_with() -> None:
    model, reader = build_word_scores(SCORES)
    explained = ExplainedModel(model)
    rows: list[int] = []
    explained.embedding_layer.register_forward_hook(lambda m, a, out: rows.append(len(out)))
    HotFlip().attack(explained, read_texts(model, reader, "the good", "good good good good"))
    assert rows == [2, 2, 1]


def test_special_tokens_stay_and_pieces_are_not_put_in() -> None:
    for seed in range(3):
        model, instances = built(seed)
        results = HotFlip(EveryToken()).attack(ExplainedModel(model), instances)
        assert any(result.flips for result in results)
        for result in results:
            (words,) = words_of([result.instance])
            first, *middle, last = words.split()
            assert (first, last) == ("[CLS]", "[SEP]")
            assert not {"[CLS]", "[SEP]"} & set(middle)
            assert all(flip.new.isalnum() for flip in result.flips)


def test_only_target_tokens_are_flipped() -> None:
    model, instances = built(3)
    results = HotFlip(StopWords()).attack(ExplainedModel(model), instances)
    assert any(result.flips for result in results)
    stop_words = StopWords()
    for instance, result in zip(instances, results, strict=True):
        tokens = words_of([instance])[0].split()
        assert all(stop_words.matches(flip.old) for flip in result.flips)
        for position, token in enumerate(words_of([result.instance])[0].split()):
            assert token == tokens[position] or stop_words.matches(tokens[position])


def test_punctuation_is_left_alone_by_default() -> None:
    model, reader = build_word_scores({"good": 1, "bad": -1, "!": 0.5, ",": 0.5})
    texts = read_texts(model, reader, "! , good", "! ,")
    results = HotFlip().attack(ExplainedModel(model), texts)
    assert words_of([result.instance for result in results]) == ["! , bad", "! ,"]
    assert [result.attackable for result in results] == [1, 0]


def test_texts_without_a_token_to_flip_stay() -> None:
    model, reader, _ = build()
    texts = [read_text(model, reader, ""), read_text(model, reader, "the film")]
    results = HotFlip(Words(["good"])).attack(ExplainedModel(model), texts)
    assert [ids_of(result.instance) for result in results] == [ids_of(text) for text in texts]
    assert [result.to_json(5) for result in results] == [
        {"flips": [], "succeeded": False, "attackable": 0}
    ] * 2
    assert HotFlip().attack(ExplainedModel(model), []) == []


def test_no_more_flips_than_allowed() -> None:
    assert flipped("good good good good", max_flips=1) == [("awful good good good", False)]
    assert flipped("good good good good", max_flips=2) == [("awful awful good good", True)]


def test_flips_are_in_order_and_count_from_the_fields_first_token() -> None:
    model, reader = build_word_scores(SCORES)
    (result,) = HotFlip().attack(ExplainedModel(model), read_texts(model, reader, "good " * 4))
    assert result.flips == [Flip(0, "good", "awful"), Flip(1, "good", "awful")]
    assert [flip["position"] for flip in result.to_json(7)["flips"]] == [7, 8]


@pytest.mark.parametrize("storage", STORAGES)
def test_a_merged_model_is_attacked_through_both_embeddings(storage: str) -> None:
    parts = pair().double()
    inputs = parts.inputs
    embedded = parts.embeddings(inputs)
    logits = parts.summed_at(inputs, embedded)
    loss = torch.nn.functional.cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")
    of_parts = torch.autograd.grad(loss, embedded)
    gradient = torch.cat(of_parts, dim=-1)
    explained = ExplainedModel(parts.merged(**STORAGES[storage]))
    results = HotFlip(EveryToken(), max_flips=1).attack(explained, parts.instances)
    models = (parts.predictive, parts.facade)
    tables = [by_hand.bert(model).embeddings.word_embeddings.weight for model in models]
    table = torch.cat(tables, dim=-1).detach()
    lengths = inputs["tokens"]["tokens"]["mask"].sum(dim=-1).tolist()
    for row, (instance, result) in enumerate(zip(parts.instances, results, strict=True)):
        norms = gradient[row, 1 : lengths[row] - 1].norm(dim=-1)
        position = 1 + int(norms.argmax())
        gains = table @ gradient[row, position]
        old = ids_of(instance)[position]
        best = max((i for i in candidates(parts.predictive) if i != old), key=lambda i: gains[i])
        assert result.flips[0].position == position
        assert ids_of(result.instance)[position] == best


def test_an_lstm_over_whole_words_is_attacked() -> None:
    model, _, instances = build(lstm_config(), lstm_reader_config())
    explained = ExplainedModel(model.double())
    together = HotFlip().attack(explained, instances)
    assert any(result.flips for result in together)
    for instance, result in zip(instances, together, strict=True):
        assert HotFlip().attack(explained, [instance])[0].to_json(0) == result.to_json(0)


def test_summary_by_hand() -> None:
    def result(flips: int, succeeded: bool, attackable: int = 20) -> dict[str, Any]:
        return {"flips": [{}] * flips, "succeeded": succeeded, "attackable": attackable}

    found = HotFlip().summarize(
        [
            result(1, True),
            result(1, True),
            result(17, True),
            result(4, False),
            result(0, False, 0),
            result(0, True),
        ]
    )
    histogram = found.pop("flips_percent")
    assert found == {
        "without": 1,
        "as_wanted": 1,
        "flipped_percent": 75.0,
        "mean_flips": 6.33,
    }
    assert list(histogram) == [str(number) for number in range(1, 17)]
    assert histogram == {**dict.fromkeys(histogram, 0.0), "1": 50.0}
    assert HotFlip().summarize([])["flipped_percent"] is None


@pytest.mark.parametrize("wanted", ["neutral", "7"])
def test_a_class_that_the_model_does_not_have_is_refused(wanted: str) -> None:
    model, instances = built(0)
    with pytest.raises(ConfigurationError, match=rf"no class '{wanted}', but positive, neg"):
        HotFlip(wanted=wanted).attack(ExplainedModel(model), instances)


def test_a_class_by_its_number() -> None:
    by_name, by_number = (
        flipped("the good fine", "bad the", wanted=wanted) for wanted in ("negative", "1")
    )
    assert by_name == by_number == [("awful good fine", True), ("bad the", True)]


def test_it_is_built_from_a_config_and_refuses_no_flips() -> None:
    config = {"type": "hotflip", "target": "stop_words", "max_flips": 3, "wanted": "positive"}
    attack = Attack.from_params(Params(config))
    assert isinstance(attack, HotFlip)
    assert isinstance(attack.target, StopWords)
    assert (attack.max_flips, attack.wanted) == (3, "positive")
    with pytest.raises(ConfigurationError, match=r"max_flips of .* must be a whole number >= 1"):
        HotFlip(max_flips=0)
