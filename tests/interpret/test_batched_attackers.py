from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.interpret.attackers import Attacker, Hotflip
from allennlp.interpret.attackers import InputReduction as AllenNLPsInputReduction
from allennlp.predictors import Predictor, TextClassifierPredictor

from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import ExplainedModel, IntegratedGradients
from facade_allennlp.interpret import BatchedHotFlip, BatchedInputReduction
from facade_allennlp.targets import EveryToken, StopWords, Words
from fixtures import build, read_text
from fixtures.two_part_texts import QUESTIONS, build_questions
from fixtures.two_texts import PAIRS, build_two_texts
from fixtures.word_scores import words_of

TEXTS = ["the story was not very good !", "good", "lovely actors", "", "a great film , she said"]
SENTENCES = [{"sentence": text} for text in TEXTS]
ATTACKERS = [BatchedInputReduction, BatchedHotFlip]


@pytest.fixture
def predictor() -> TextClassifierPredictor:
    model, reader, _ = build(seed=1)
    return TextClassifierPredictor(model.double(), reader)


def tokens(predictor: Predictor, text: str) -> list[str]:
    return [token.text for token in predictor._dataset_reader._tokenizer.tokenize(text)]


def instances(predictor: Predictor) -> list[Instance]:
    return [read_text(predictor._model, predictor._dataset_reader, text) for text in TEXTS]


def test_they_do_as_the_attacks_do(predictor: TextClassifierPredictor) -> None:
    explained = ExplainedModel(predictor._model)
    reduced = InputReduction(beam_size=2).attack(explained, instances(predictor))
    answers = BatchedInputReduction(predictor, beam_size=2).attack_from_jsons(SENTENCES)
    assert [" ".join(answer["final"][0]) for answer in answers] == words_of(
        [result.instance for result in reduced]
    )
    flipped = HotFlip().attack(explained, instances(predictor))
    answers = BatchedHotFlip(predictor).attack_from_jsons(SENTENCES)
    assert [" ".join(answer["final"][0]) for answer in answers] == words_of(
        [result.instance for result in flipped]
    )
    assert [answer["original"] for answer in answers] == [tokens(predictor, t) for t in TEXTS]


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_one_is_as_one_of_many(predictor: TextClassifierPredictor, attacker: Any) -> None:
    attacks = attacker(predictor)
    answers = attacks.attack_from_jsons(SENTENCES)
    assert [attacks.attack_from_json(one)["final"] for one in SENTENCES] == [
        answer["final"] for answer in answers
    ]
    assert attacks.attack_from_jsons([]) == []


def test_they_answer_in_the_form_of_allennlps(predictor: TextClassifierPredictor) -> None:
    arguments: tuple[Any, ...] = ({"sentence": TEXTS[0]}, "tokens", "grad_input_1", None, None)
    ours = BatchedInputReduction(predictor).attack_from_json(*arguments)
    theirs = AllenNLPsInputReduction(predictor).attack_from_json(*arguments)
    assert list(ours) == list(theirs) == ["final", "original"]
    assert ours["original"] == theirs["original"]

    ours = BatchedHotFlip(predictor).attack_from_json(*arguments)
    theirs = Hotflip(predictor, vocab_namespace="tags").attack_from_json(*arguments)
    assert list(ours) == list(theirs) == ["final", "original", "outputs"]
    assert ours["original"] == theirs["original"]
    assert set(theirs["outputs"][0]) - set(ours["outputs"][0]) == {"loss"}


def test_hotflip_flips_as_allennlps_does(predictor: TextClassifierPredictor) -> None:
    peer = Hotflip(predictor, vocab_namespace="tags")
    answers = BatchedHotFlip(predictor).attack_from_jsons(SENTENCES)
    for one, ours in zip(SENTENCES, answers, strict=True):
        theirs = peer.attack_from_json(one)
        assert ours["final"] == theirs["final"]
        logits = torch.tensor(theirs["outputs"][0]["logits"]).flatten().tolist()
        assert ours["outputs"][0]["logits"] == pytest.approx(logits)


def test_a_targeted_attack_flips_as_allennlps_does(predictor: TextClassifierPredictor) -> None:
    peer = Hotflip(predictor, vocab_namespace="tags")
    classes = predictor._model.vocab.get_index_to_token_vocabulary("labels")
    compared = 0
    for wanted, label in classes.items():
        target = {"probs": [1 - wanted, wanted]}
        answers = BatchedHotFlip(predictor).attack_from_jsons(SENTENCES, target=target)
        for one, ours in zip(SENTENCES, answers, strict=True):
            if predictor.predict_json(one)["label"] == label:
                # AllenNLP's flips a token even so.
                assert ours["final"] == [ours["original"]]
            else:
                assert ours["final"] == peer.attack_from_json(one, target=target)["final"]
                compared += 1
    assert compared == len(SENTENCES), "each text is predicted as one of the two classes"


@pytest.mark.parametrize("attacker", ATTACKERS)
def test_ignored_tokens_stay(predictor: TextClassifierPredictor, attacker: Any) -> None:
    (answer,) = attacker(predictor).attack_from_jsons(
        SENTENCES[:1], ignore_tokens=["story", "not", "!"]
    )
    kept = [token for token in answer["final"][0] if token in ("story", "not", "!")]
    assert kept == ["story", "not", "!"]
    assert answer["final"][0] != answer["original"]


def test_the_attackers_own_target_counts_as_well(predictor: TextClassifierPredictor) -> None:
    attacker = BatchedInputReduction(predictor, target=StopWords())
    (answer,) = attacker.attack_from_jsons(SENTENCES[:1], "tokens", ignore_tokens=["not"])
    dropped = [token for token in answer["original"] if token not in answer["final"][0]]
    assert dropped
    assert set(dropped) < {"the", "was", "very"}


@pytest.mark.parametrize(
    ("field", "name"), [("premise", "grad_input_2"), ("hypothesis", "grad_input_1")]
)
@pytest.mark.parametrize("attacker", ATTACKERS)
def test_one_of_two_text_fields(attacker: Any, field: str, name: str) -> None:
    model, pairs = build_two_texts()
    reader = build()[1]

    class PairPredictor(Predictor):
        def _json_to_instance(self, json_dict: Any) -> Instance:
            return pairs[PAIRS.index((json_dict["premise"], json_dict["hypothesis"]))].duplicate()

    reader.apply_token_indexers = lambda instance: None
    attacks = attacker(PairPredictor(model, reader))
    (first, second) = ({"premise": p, "hypothesis": h} for p, h in PAIRS)
    expected = words_of(pairs, field)
    for answers in (
        attacks.attack_from_jsons([first, second], field),
        attacks.attack_from_jsons([first, second], field, name),
    ):
        assert [" ".join(answer["original"]) for answer in answers] == expected
    other = {"grad_input_1", "grad_input_2"} - {name}
    with pytest.raises(ConfigurationError, match=f"'{field}' are '{name}'"):
        attacks.attack_from_json(first, field, other.pop())


def test_a_question(tmp_path: Any) -> None:
    predictor, _ = build_questions(tmp_path / "bert", seed=5)
    inputs = [{"question": question, "passage": passage} for question, passage in QUESTIONS]
    for attacker in ATTACKERS:
        for field in (None, "question"):
            answers = attacker(predictor).attack_from_jsons(inputs, field)
            for answer in answers:
                passage = answer["original"][answer["original"].index("[SEP]") :]
                (final,) = answer["final"]
                assert final[final.index("[SEP]") :] == passage
            assert any(answer["final"] != [answer["original"]] for answer in answers)
    assert all("best_span_str" in answer["outputs"][0] for answer in answers)


@pytest.mark.parametrize("attacker", ATTACKERS)
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_field_to_attack": "sentence"}, r"'sentence' is not one.*\['tokens'\]"),
        ({"grad_input_field": "grad_input_2"}, "'grad_input_2'.*'tokens' are 'grad_input_1'"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    predictor: TextClassifierPredictor, attacker: Any, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        attacker(predictor).attack_from_json(SENTENCES[0], **arguments)


def test_targets_that_do_not_fit_are_refused(predictor: TextClassifierPredictor) -> None:
    with pytest.raises(ConfigurationError, match="there can be no target"):
        BatchedInputReduction(predictor).attack_from_json(SENTENCES[0], target={"probs": [0, 1]})
    with pytest.raises(ConfigurationError, match="takes the class from 'probs'"):
        BatchedHotFlip(predictor).attack_from_json(SENTENCES[0], target={"label": "negative"})


def test_a_span_is_no_class_that_could_be_wanted(tmp_path: Any) -> None:
    predictor, _ = build_questions(tmp_path / "bert")
    question, passage = QUESTIONS[0]
    with pytest.raises(ConfigurationError, match="TransformerQAPredictor predicts no label"):
        BatchedHotFlip(predictor).attack_from_json(
            {"question": question, "passage": passage}, target={"best_span": [0, 1]}
        )


def test_they_are_built_from_configs(predictor: TextClassifierPredictor) -> None:
    def made(**config: Any) -> Any:
        return Attacker.from_params(Params(config), predictor=predictor)

    reduction = made(
        type="batched_input_reduction",
        beam_size=1,
        method={"type": "integrated_gradients", "steps": 2},
    )
    assert isinstance(reduction, BatchedInputReduction)
    assert isinstance(reduction.method, IntegratedGradients)
    hotflip = made(type="batched_hotflip", max_flips=2, target={"type": "words", "words": ["a"]})
    assert isinstance(hotflip, BatchedHotFlip)
    assert isinstance(hotflip.target, Words)
    assert hotflip.max_flips == 2


def test_no_more_tokens_at_once_than_allowed(predictor: TextClassifierPredictor) -> None:
    sizes: list[int] = []
    for attacker in ATTACKERS:
        attacks = attacker(predictor, target=EveryToken(), options={"max_batch_tokens": 20})
        handle = attacks.explained.embedding_layer.register_forward_hook(
            lambda layer, args, output: sizes.append(output.shape[0] * output.shape[1])
        )
        attacks.attack_from_jsons(SENTENCES)
        handle.remove()
    assert max(sizes) <= 20
