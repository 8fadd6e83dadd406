"""
AllenNLP's own interpreters and attackers, and our attackers, see a merged model, in every form, as
one model.

Its `simple-gradient` multiplies every token's gradient by the embedding of the *first* token
(`embeddings_list[input_idx][0]` after `squeeze(0)`, in 2.10.1), so that it is compared with exactly
that, computed from the parts.
"""

from typing import Any

import pytest
import torch
from allennlp.interpret.attackers import Hotflip, InputReduction
from allennlp.interpret.saliency_interpreters import (
    IntegratedGradient,
    SaliencyInterpreter,
    SimpleGradient,
    SmoothGradient,
)
from allennlp.models import Model
from allennlp.predictors import Predictor, TextClassifierPredictor
from torch import Tensor
from torch.nn.functional import cross_entropy

from facade_allennlp.attribution import ExplainedModel, IntegratedGradients
from facade_allennlp.interpret import BatchedHotFlip, BatchedInputReduction
from fixtures import batch, read_text
from fixtures.pairs import STORAGES, Pair, lstm_pair, pair

TEXT = "the film was not great ."
LENGTH = 8  # with [CLS] and [SEP]


@pytest.fixture(scope="module")
def parts() -> Pair:
    torch.manual_seed(0)
    return pair()


def predictor_of(model: Model, parts: Pair) -> Predictor:
    return TextClassifierPredictor(model, parts.reader)


def interpret(interpreter: SaliencyInterpreter) -> list[float]:
    result = interpreter.saliency_interpret_from_json({"sentence": TEXT})
    return result["instance_1"]["grad_input_1"]


def inputs_of(model: Model, parts: Pair) -> dict[str, Any]:
    return batch([read_text(model, parts.reader, TEXT)])


def shares(scores: Tensor) -> list[float]:
    return (scores.abs() / scores.abs().sum()).tolist()


@pytest.mark.parametrize("storage", STORAGES)
def test_simple_gradient_sees_the_embeddings_of_both_parts(parts: Pair, storage: str) -> None:
    inputs = inputs_of(parts.predictive, parts)
    embedded = parts.embeddings(inputs)
    logits = parts.summed_at(inputs, embedded)
    gradients = torch.autograd.grad(cross_entropy(logits, logits.argmax(dim=-1)), embedded)
    expected = sum((x[:, :1] * g).sum(dim=-1)[0] for x, g in zip(embedded, gradients))

    found = interpret(SimpleGradient(predictor_of(parts.merged(**STORAGES[storage]), parts)))
    assert found == pytest.approx(shares(expected), abs=1e-5)  # type: ignore[arg-type]
    assert len(found) == LENGTH


@pytest.mark.parametrize("storage", STORAGES)
def test_integrated_gradient_equals_our_integrated_gradients(parts: Pair, storage: str) -> None:
    merged = parts.merged(**STORAGES[storage])
    found = interpret(IntegratedGradient(predictor_of(merged, parts)))
    inputs = inputs_of(merged, parts)
    ours = IntegratedGradients().attribute(ExplainedModel(merged), inputs)
    assert found == pytest.approx(ours.normalized[0].tolist(), abs=1e-5)


@pytest.mark.parametrize("storage", STORAGES)
def test_smooth_gradient_runs(parts: Pair, storage: str) -> None:
    found = interpret(SmoothGradient(predictor_of(parts.merged(**STORAGES[storage]), parts)))
    assert len(found) == LENGTH
    assert sum(found) == pytest.approx(1)


@pytest.mark.parametrize("storage", STORAGES)
def test_interpreters_explain_merged_lstms(storage: str) -> None:
    lstms = lstm_pair(2, True)
    merged = lstms.merged(**STORAGES[storage])
    found = interpret(IntegratedGradient(predictor_of(merged, lstms)))
    ours = IntegratedGradients().attribute(ExplainedModel(merged), inputs_of(merged, lstms))
    assert found == pytest.approx(ours.normalized[0].tolist(), abs=1e-5)
    assert len(found) == LENGTH - 2


def hotflip(predictor: Predictor, namespace: str) -> dict[str, Any]:
    attacker = Hotflip(predictor, vocab_namespace=namespace)
    attacker.initialize()
    return attacker.attack_from_json({"sentence": TEXT})


def reduce_input(predictor: Predictor, namespace: str) -> dict[str, Any]:
    return InputReduction(predictor).attack_from_json({"sentence": TEXT})


def hotflip_batched(predictor: Predictor, namespace: str) -> dict[str, Any]:
    return BatchedHotFlip(predictor).attack_from_json({"sentence": TEXT})


def reduce_input_batched(predictor: Predictor, namespace: str) -> dict[str, Any]:
    return BatchedInputReduction(predictor).attack_from_json({"sentence": TEXT})


@pytest.mark.parametrize("attack", [hotflip, reduce_input, hotflip_batched, reduce_input_batched])
@pytest.mark.parametrize("namespace", ["tags", "tokens"], ids=["BERT", "LSTM"])
def test_attackers_do_the_same_to_every_form(parts: Pair, attack: Any, namespace: str) -> None:
    attacked = parts if namespace == "tags" else lstm_pair(2, True)
    results = [
        attack(predictor_of(attacked.merged(**storage), attacked), namespace)
        for storage in STORAGES.values()
    ]
    finals = [result["final"] for result in results]
    assert finals[0] == finals[1] == finals[2]
    assert finals[0][0] != results[0]["original"]
