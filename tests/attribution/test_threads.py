"""A model has one lock: what threads make of it together is what each makes of it alone."""

import copy
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch
from allennlp.common import Params
from torch import Tensor

from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import (
    AttentionAttribution,
    AttributionMethod,
    ExplainedModel,
    lock,
)
from facade_allennlp.attribution.lock import Stopped, lock_of, stopped_when
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
    "kernel_shap": {"type": "kernel_shap", "samples": 4},
    "feature_ablation": "feature_ablation",
    "layer": {
        "type": "layer_integrated_gradients",
        "steps": 2,
        "layer": "_text_field_embedder.token_embedder_tokens.transformer_model.embeddings",
    },
}
OF_MANY_PASSES = (
    "smooth_gradient",
    "integrated_gradients",
    "attention_attribution",
    "gradient_shap",
    "lime",
    "kernel_shap",
    "feature_ablation",
    "layer",
)
THREADS = 8


@pytest.fixture(autouse=True)
def _eager_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads take turns as often as they can."""
    monkeypatch.setattr(lock, "TURN", 0)
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


def test_short_work_need_not_wait_for_the_end_of_long_work() -> None:
    """In a method's second pass somebody asks for the model, and has it before the end."""
    model, _, instances = build()
    explained = ExplainedModel(model.double(), max_batch_tokens=1)  # each row is a pass
    inputs = batch(instances[:1])
    expected = explained.run(inputs).logits
    with ThreadPoolExecutor(1) as threads:
        for name in OF_MANY_PASSES:
            method = AttributionMethod.from_params(Params({"": METHODS[name]}).duplicate().pop(""))
            alone = method.attribute(explained, inputs).raw
            passes = {threading.main_thread(): 0}
            asked, answered = [], []

            def ask() -> None:
                torch.testing.assert_close(explained.run(inputs).logits, expected)

            def count(*_: Any, passes=passes, asked=asked, answered=answered) -> None:  # type: ignore
                here = threading.current_thread()
                if here not in passes:
                    answered.append(passes[threading.main_thread()])
                    return
                passes[here] += 1
                if passes[here] == 2:
                    asked.append(threads.submit(ask))
                    while not explained.lock._waiting:
                        time.sleep(0)

            handle = model.register_forward_pre_hook(count)
            together = method.attribute(explained, inputs).raw
            handle.remove()
            asked[0].result()
            assert answered[0] < passes[threading.main_thread()], name
            torch.testing.assert_close(together, alone, msg=lambda text, name=name: name + text)


def test_who_holds_a_lock_for_what_it_changed_does_not_give_way() -> None:
    own = lock_of(build()[0])
    had = threading.Event()

    def take() -> None:
        with own:
            had.set()

    with ThreadPoolExecutor(1) as threads, own.sharing():
        with own:
            threads.submit(take)
            while not own._waiting:
                time.sleep(0)
            own.give_way()
            assert not had.is_set()
        own.give_way()
        assert had.is_set()


def test_a_lock_goes_round_in_the_order_of_asking() -> None:
    own, order, begun = lock_of(build()[0]), [], []

    def take(number: int) -> None:
        with own:
            order.append(number)

    with own.sharing():
        for number in range(5):
            begun.append(threading.Thread(target=take, args=(number,)))
            begun[-1].start()
            while len(own._waiting) <= number:
                time.sleep(0)
        own.give_way()
        order.append("first")
    for thread in begun:
        thread.join()
    assert order == [0, 1, 2, 3, 4, "first"]


def test_a_turn_is_kept_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "TURN", 0.5)
    own, order = lock_of(build()[0]), []

    def take() -> None:
        with own:
            order.append("other")

    with ThreadPoolExecutor(1) as threads, own.sharing():
        began = time.monotonic()
        threads.submit(take)
        while not own._waiting:
            time.sleep(0)
        own.give_way()
        order.append("first")
        time.sleep(began + 0.6 - time.monotonic())
        own.give_way()
        order.append("first again")
    assert order == ["first", "other", "first again"]


def test_who_is_interrupted_while_giving_way_takes_the_lock_from_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own, inside, leave = lock_of(build()[0]), threading.Event(), threading.Event()

    def other() -> None:
        with own:
            inside.set()
            leave.wait(10)

    class Interrupted:
        """A turn during which Ctrl-C comes."""

        def acquire(self) -> None:
            inside.wait(10)
            raise KeyboardInterrupt

    def line_up() -> Any:
        own._waiting.append((threading.get_ident(), Interrupted()))
        return own._waiting[-1][1]

    def share(others: ThreadPoolExecutor) -> None:
        with own.sharing():
            others.submit(other)
            while not own._waiting:
                time.sleep(0)
            with monkeypatch.context() as patched:
                patched.setattr(own, "_line_up", line_up)
                own.give_way()

    with ThreadPoolExecutor(2) as threads:
        with pytest.raises(KeyboardInterrupt):
            share(threads)
        third = threads.submit(lambda: own.__enter__().__exit__())
        time.sleep(0.1)
        assert not third.done()  # the other still has it
        leave.set()
        third.result(10)


def test_what_nobody_wants_any_more_ends_at_the_next_pass() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model.double(), max_batch_tokens=1)
    inputs = batch(instances[:1])
    for config in METHODS.values():
        method = AttributionMethod.from_params(Params({"": config}).duplicate().pop(""))
        alone = method.attribute(explained, inputs).raw
        passes: list[Any] = []
        handle = model.register_forward_pre_hook(lambda *_, passes=passes: passes.append(_))  # type: ignore

        def explain(method: AttributionMethod = method) -> None:
            method.attribute(explained, inputs)
            method.attribute(explained, inputs)  # of one pass

        with stopped_when(lambda passes=passes: bool(passes)), pytest.raises(Stopped):  # type: ignore
            explain()
        handle.remove()
        assert len(passes) == 1
        with ThreadPoolExecutor(1) as threads:  # it left nothing behind, and the lock is free
            again = threads.submit(method.attribute, explained, inputs).result()
        torch.testing.assert_close(again.raw, alone)
    for module in model.modules():
        left = (module._forward_hooks, module._forward_pre_hooks, module._backward_hooks)
        assert not any(left)
        assert "forward" not in vars(module)
