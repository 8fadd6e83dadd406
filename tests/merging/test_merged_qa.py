"""Models that answer with a span: the start and end logits are summed (eq. 2)."""

import copy

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError

from facade_allennlp.models import Storage
from fixtures import batch, build
from fixtures.pairs import STORAGES
from fixtures.question_answering import build_qa

OUTPUTS = ("span_start_logits", "span_end_logits")


@pytest.mark.parametrize("storage", STORAGES)
def test_span_logits_equal_the_sum_of_the_parts(storage: str) -> None:
    f, instances = build_qa()
    g, _ = build_qa(8, 2, seed=1)
    inputs = batch(instances)
    with torch.no_grad():
        parts = [copy.deepcopy(model)(**inputs) for model in (f, g)]
        form = Storage.from_params(Params(dict(STORAGES[storage])))
        merged = form.build(f, g).eval()
        form.disguise(merged, torch.Generator().manual_seed(0))
        found = merged(**inputs)
    for name in OUTPUTS:
        ruled_out = parts[0][name] == torch.finfo(torch.float32).min
        assert ruled_out.any()
        assert torch.equal(found[name] == found[name].min(), ruled_out)
        torch.testing.assert_close(
            found[name][~ruled_out],
            (parts[0][name] + parts[1][name])[~ruled_out],
            atol=1e-5,
            rtol=0,
        )
    assert len(found["best_span_str"]) == len(instances)


def test_a_classifier_is_not_merged_with_a_model_that_answers() -> None:
    f, _ = build_qa()
    g, _, _ = build()
    with pytest.raises(ConfigurationError, match=r"TransformerQA .* BasicClassifier"):
        Storage.by_name("structured")().build(f, g)
