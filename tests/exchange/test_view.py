from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from captum.attr import LayerIntegratedGradients
from torch import Tensor

import facade_allennlp
from facade_allennlp.archives import load
from facade_allennlp.exchange.import_transformers import import_transformers
from facade_allennlp.models.merge_archives import merge_archives
from fixtures.transformers_models import FAMILIES, write_model

TEXTS = ["the film was not good", "very light , a dull plot of it"]


def gradients(model: Any, encoded: Any) -> tuple[Tensor, Tensor]:
    """The logits from `inputs_embeds`, and their sum's gradient."""
    ids = encoded["input_ids"]
    embeddings = model.get_input_embeddings()(ids).detach().requires_grad_()
    given = {name: value for name, value in encoded.items() if name != "input_ids"}
    logits = model(inputs_embeds=embeddings, **given).logits
    return logits.detach(), torch.autograd.grad(logits[:, 0].sum(), embeddings)[0]


@pytest.mark.parametrize("family", ["Roberta", "DistilBert"])
def test_an_imported_model_is_called_as_its_original(tmp_path: Path, family: str) -> None:
    tokenizer, config = FAMILIES[family]
    name = f"{family}ForSequenceClassification"
    write_model(tmp_path / "m", name, tokenizer(), ["bad", "good"], **config)
    import_transformers(str(tmp_path / "m"), tmp_path / "f")
    view = facade_allennlp.transformers_view(str(tmp_path / "f"))
    original = getattr(transformers, name).from_pretrained(tmp_path / "m").eval()
    encoded = view.tokenizer(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        assert view(**encoded).logits.allclose(original(**encoded).logits, atol=1e-5)
    one = view.tokenizer(TEXTS[0], return_tensors="pt")
    for ours, theirs in zip(gradients(view, one), gradients(original, one)):
        assert ours.allclose(theirs, atol=1e-5)
    assert view.config.id2label == {0: "bad", 1: "good"}


@pytest.mark.parametrize("storage", ["logits", "structured", "dense"])
def test_captum_explains_a_merged_model_at_its_one_embedding_layer(
    archives: dict[str, str], tmp_path: Path, storage: str
) -> None:
    merged = merge_archives(
        archives["f"], archives["g"], tmp_path / "f_g", Params({"type": storage})
    )
    view = facade_allennlp.transformers_view(load(str(merged)))
    encoded = view.tokenizer("the film was good", return_tensors="pt")
    ids = encoded["input_ids"]

    def logit(ids: Tensor) -> Tensor:
        return view(input_ids=ids).logits[:, 0]

    layer = view.get_input_embeddings()
    assert layer(ids).shape[-1] == 16 + 8
    scores, delta = LayerIntegratedGradients(logit, layer).attribute(
        ids, torch.zeros_like(ids), n_steps=100, return_convergence_delta=True
    )
    assert scores.shape == (1, ids.shape[1], 24)
    assert delta.abs().max() < 0.05


def test_what_it_cannot_call_is_refused(archives: dict[str, str], others: dict[str, str]) -> None:
    view = facade_allennlp.transformers_view(archives["f"])
    with pytest.raises(ValueError, match="takes 48 at most"):
        view(input_ids=torch.full((1, 49), 7))
    with pytest.raises(ValueError, match="either input_ids or inputs_embeds"):
        view()
    with pytest.raises(ConfigurationError, match="no view for transformers"):
        facade_allennlp.transformers_view(others["lstm"])
