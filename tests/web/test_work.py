"""What is counted before a request is answered is what the model then does."""

from typing import Any

from allennlp.common import Params

from facade_allennlp.attribution import AttributionMethod, ExplainedModel
from facade_allennlp.explanations import explain
from facade_allennlp.web.work import Work, tokens_of
from fixtures import build
from tests.attribution.test_threads import METHODS, OF_MANY_PASSES


def test_work_is_tokens_times_passes() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model)
    instance = instances[0]
    tokens = tokens_of(instance)
    explain(explained, [instance], {})  # what is run once to know the model
    missed: dict[str, float] = {}
    for name in OF_MANY_PASSES:
        method = AttributionMethod.from_params(Params({"": METHODS[name]}).duplicate().pop(""))
        seen: list[int] = []

        def count(_: Any, __: Any, given: Any, seen: list[int] = seen) -> None:
            seen.append(given["tokens"]["tokens"]["token_ids"].numel())

        handle = model.register_forward_pre_hook(count, with_kwargs=True)
        explain(explained, [instance], {name: method})
        handle.remove()
        # The second prediction, of those that are counted, is that of the predictor.
        missed[name] = (sum(seen) + tokens - Work(explained, [method]).of([instance])) / tokens
    assert {name: passes for name, passes in missed.items() if abs(passes) > 5} == {}
    assert Work(explained).of([instance]) == Work(None).of([instance]) == tokens


def test_windows_of_one_input_are_predicted_and_one_is_explained() -> None:
    model, _, instances = build()
    explained = ExplainedModel(model)
    lengths = [tokens_of(instance) for instance in instances]
    lime = AttributionMethod.by_name("lime")(samples=30)
    work = Work(explained, [lime]).of(instances)
    assert work == 2 * sum(lengths) + 30 * max(lengths)
