"""A model has one lock: what threads make of it together is what each makes of it alone."""

import copy
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from allennlp.common import Params
from torch import Tensor

from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import AttentionAttribution, AttributionMethod, ExplainedModel
from facade_allennlp.attribution.lock import lock_of
from facade_allennlp.faithfulness import Faithfulness
from fixtures import batch, build

METHODS: dict[str, Any] = {
    "gradient": "gradient",
    "smooth_gradient": {"type": "smooth_gradient", "samples": 2},
    "integrated_gradients": {"type": "integrated_gradients", "steps": 2},
    "gradient_sensitivity": "gradient_sensitivity",
    "lrp": "lrp",
    "attn_lrp": "attn_lrp",
    "attention_tracing": "attention_tracing",
    "attention_attribution": {"type": "attention_attribution", "steps": 2},
    "deep_lift": "deep_lift",
    "gradient_shap": {"type": "gradient_shap", "samples": 2},
    "lime": {"type": "lime", "samples": 4},
    "feature_ablation": "feature_ablation",
    "layer": {
        "type": "layer_integrated_gradients",
        "steps": 2,
        "layer": "_text_field_embedder.token_embedder_tokens.transformer_model.embeddings",
    },
}
THREADS = 8


@pytest.fixture(autouse=True)
def _eager_threads() -> Iterator[None]:
    """Threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def together(tasks: Sequence[Callable[[], Any]], rounds: int = 2) -> list[list[Any]]:
    """What each task gives in a thread among others, round after round."""
    with ThreadPoolExecutor(THREADS) as threads:
        running = [[threads.submit(task) for task in tasks] for _ in range(rounds)]
        return [[future.result() for future in of_round] for of_round in running]


def tasks_of(explained: ExplainedModel, instances: Sequence[Any]) -> list[Callable[[], Tensor]]:
    """Every method on texts of its own."""

    def task(config: Any, number: int) -> Callable[[], Tensor]:
        method = AttributionMethod.from_params(Params({"": copy.deepcopy(config)}).pop(""))
        inputs = batch([instances[number % len(instances)]])
        return lambda: method.attribute(explained, inputs).raw

    return [task(config, number) for number, config in enumerate(METHODS.values())]


def test_methods_in_threads_give_what_each_gives_alone() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    tasks = tasks_of(explained, instances)
    alone = [task() for task in tasks]
    for of_round in together(tasks):
        for name, expected, found in zip(METHODS, alone, of_round, strict=True):
            torch.testing.assert_close(found, expected, msg=lambda text, name=name: name + text)


def test_two_explained_models_over_one_model_share_its_lock() -> None:
    model, _, instances = build()
    first, second = ExplainedModel(model.double()), ExplainedModel(model, max_batch_tokens=64)
    assert first.lock is second.lock is lock_of(model)
    assert first.lock is not lock_of(build()[0])
    tasks = [*tasks_of(first, instances), *tasks_of(second, instances)]
    alone = [task() for task in tasks]
    for of_round in together(tasks, rounds=1):
        for expected, found in zip(alone, of_round, strict=True):
            torch.testing.assert_close(found, expected)


def test_all_that_runs_a_model_waits_for_the_hooks_of_others() -> None:
    """Attacks, connections and faithfulness beside methods that change what layers do."""
    model, _, instances = build()
    explained = ExplainedModel(model.double())
    inputs = batch(instances)
    lrp, gradient = (AttributionMethod.by_name(name)() for name in ("attn_lrp", "gradient"))
    connections = AttentionAttribution(steps=2)
    attributions = {"gradient": gradient.attribute(explained, inputs)}
    tasks: list[Callable[[], Any]] = [
        lambda: [result.to_json(0) for result in HotFlip().attack(explained, instances)],
        lambda: [result.to_json(0) for result in InputReduction().attack(explained, instances)],
        lambda: [
            layer.tolist()
            for part in connections.connections(explained, inputs)
            for layer in part.layers
        ],
        lambda: Faithfulness().measure(explained, instances, range(len(instances)), attributions),
        lambda: [layer.raw.tolist() for layer in lrp.by_layer(explained, inputs)],
    ]
    alone = [task() for task in tasks]
    assert together(tasks) == [alone, alone]
