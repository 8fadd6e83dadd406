"""What an audit says of clean and of manipulated models."""

from typing import Any

import pytest
import torch
from allennlp.common import Params
from allennlp.models import Model
from torch import Tensor, nn

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.audit import Evidence, Measured, Presence, Promises, Subject, audit
from facade_allennlp.audit.links import bodies
from facade_allennlp.audit.partition import partition
from facade_allennlp.merging import GroupedLayerNorm
from facade_allennlp.results.audit import Audit
from fixtures import build, by_hand, lstm_reader_config
from tests.audit.conftest import subject


def result(subject: Subject) -> Audit:
    return audit(subject, "the model", "the texts")


@pytest.mark.parametrize("name", ["f", "fl", "two"])
def test_clean_models_and_ensembles_of_them_are_cleared(audited: dict[str, str], name: str) -> None:
    found = result(subject(audited[name]))
    assert (found.result, found.exit_status) == ("nothing", 0), found.verdict
    sentence = next(w.sentence for w in found.witnesses if w.name == "structure")
    assert ("each of them decides" if name == "two" else "one network") in sentence


@pytest.mark.parametrize("name", ["logits", "structured", "dense", "lstm"])
def test_a_made_facade_is_found_in_every_storage(audited: dict[str, str], name: str) -> None:
    found = result(subject(audited[name]))
    assert (found.result, found.exit_status) == ("found", 3)
    structure = next(w for w in found.witnesses if w.name == "structure")
    assert structure.result == "found"
    assert "two networks in one" in found.verdict
    parts = [
        {n: structure.values[f"part {p}, {n}"] for n in ("agreement", "variation", "gradient")}
        for p in (1, 2)
    ]
    f, g = sorted(parts, key=lambda part: part["gradient"])
    assert f["agreement"] == 1
    assert f["variation"] == pytest.approx(1, abs=0.01)
    assert g["variation"] < 0.01
    assert f["gradient"] + g["gradient"] == pytest.approx(1)


class PlainNorm(nn.Module):
    """Does as a `GroupedLayerNorm` does, by one matrix and under other names."""

    def __init__(self, norm: GroupedLayerNorm) -> None:
        super().__init__()
        same = norm.group[:, None] == norm.group[None, :]
        self.register_buffer("table", same / same.sum(dim=0))
        self.scale, self.shift = norm.weight, norm.bias
        self.least = float(norm.eps.max())

    def forward(self, states: Tensor) -> Tensor:
        centred = states - states @ self.table
        deviation = (centred.square() @ self.table + self.least).sqrt()
        return centred / deviation * self.scale + self.shift


def disguised(model: Model) -> None:
    """Renames and removes all that tells."""
    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, GroupedLayerNorm):
                setattr(module, name, PlainNorm(child))
    model.__class__ = type("TextModel", (type(model),), {})
    assert not any("group" in name for name, _ in model.named_buffers())


def test_names_and_buffers_that_tell_are_not_read(audited: dict[str, str]) -> None:
    seen = subject(audited["dense"])
    hidden = subject(audited["dense"])
    disguised(hidden.explained.model)
    expected, found = result(seen), result(hidden)
    assert found.result == "found"
    for one, other in zip(expected.witnesses, found.witnesses):
        assert other.values == pytest.approx(one.values, abs=2e-3)


def test_every_unit_is_put_into_its_part(audited: dict[str, str]) -> None:
    model = subject(audited["dense"]).explained.model
    (group,) = {
        tuple(norm.group.tolist()) for norm in model.modules() if isinstance(norm, GroupedLayerNorm)
    }
    (body,) = bodies(model)
    found = partition(body).second["hidden units"].long()
    true = torch.tensor(group)
    assert torch.equal(found, true) or torch.equal(found, 1 - true)


def test_presence_is_the_share_by_autograd(audited: dict[str, str]) -> None:
    seen = subject(audited["f"])
    model = seen.explained.model
    batches = [part.inputs for part in seen.slopes]
    special = [model.vocab.get_token_index(token, "tags") for token in ("[CLS]", "[SEP]", "[PAD]")]
    texts = []
    for inputs in batches:
        embedded = by_hand.embeddings(model, inputs).detach().requires_grad_()
        logits = by_hand.logits(model, inputs, embedded)
        best = logits.argmax(dim=-1, keepdim=True)
        ((logits.gather(1, best).squeeze(1) - logits.mean(dim=-1)).sum()).backward()
        words = ~torch.isin(inputs["tokens"]["tokens"]["token_ids"], torch.tensor(special))
        texts += list(zip(embedded.detach(), embedded.grad, words))
    mean = torch.cat([x[words] for x, _, words in texts]).mean(dim=0)
    shares = []
    for x, slope, words in texts:
        presence = (slope @ mean).abs()[words].sum()
        identity = ((x - mean) * slope).sum(dim=-1).abs()[words].sum()
        shares.append(float(presence / (presence + identity)))
    assert Presence().measure(seen).score == pytest.approx(sum(shares) / len(shares), abs=1e-5)


@pytest.fixture(scope="module")
def linear() -> Subject:
    """A bag of embeddings: no encoder, and a margin that is linear in them."""
    embedder = {"tokens": {"type": "embedding", "embedding_dim": 6}}
    pooler = {"type": "bag_of_embeddings", "embedding_dim": 6, "averaged": True}
    config: dict[str, Any] = {
        "type": "basic_classifier",
        "text_field_embedder": {"token_embedders": embedder},
        "seq2vec_encoder": pooler,
    }
    model, reader, instances = build(config, lstm_reader_config())
    return Subject(ExplainedModel(model, dataset_reader=reader), instances * 3)


def test_a_linear_model_keeps_what_its_gradient_promises(linear: Subject) -> None:
    measured = Promises().measure(linear)
    assert measured.score == pytest.approx(1, abs=1e-4)
    assert measured.values["slope"] == pytest.approx(1, abs=1e-4)


def test_a_model_without_an_encoder_is_heard_by_its_behaviour(linear: Subject) -> None:
    found = result(linear)
    assert found.result == "nothing"
    assert "not looked at: structure" in found.verdict
    assert any("no encoder whose weights can be read" in line for line in found.not_looked_at)


def test_few_texts_tell_nothing_of_behaviour(audited: dict[str, str]) -> None:
    found = result(subject(audited["f"], limit=3))
    assert (found.result, found.exit_status) == ("unknown", 1)
    assert "3 texts are too few" in found.not_looked_at[0]


def test_a_model_that_says_the_same_of_all_texts(linear: Subject) -> None:
    model = linear.explained.model
    with torch.no_grad():
        for weight in model._classification_layer.parameters():
            weight.zero_()
    constant = Subject(linear.explained, linear.instances)
    found = result(constant)
    assert found.result == "unknown"
    assert any("says the same of all texts" in line for line in found.not_looked_at)


def test_another_kind_of_evidence_is_one_class() -> None:
    @Evidence.register("many_parameters")
    class ManyParameters(Evidence):
        title = "Many parameters"

        def measure(self, subject: Subject) -> Measured:
            return Measured(sum(p.numel() for p in subject.explained.model.parameters()))

        def told(self, measured: Measured) -> str:
            return f"{measured.score} parameters"

    try:
        made = Evidence.from_params(Params({"type": "many_parameters", "threshold": 10}))
        model = nn.Linear(5, 3)
        empty: Any = type("Empty", (), {"explained": type("Model", (), {"model": model})})
        witness = made.heard(empty)
    finally:
        del Evidence._registry[Evidence]["many_parameters"]
    assert (witness.result, witness.sentence) == ("found", "18 parameters")
