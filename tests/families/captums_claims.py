"""
Methods that Captum computes, and baselines, against transformers' own forward. What is drawn is
drawn here again, from the same seed; the surrogates are fitted here again, too.
"""

import json
from typing import Any

import numpy
import torch
from sklearn.linear_model import Lasso
from torch import Tensor

from facade_allennlp.attribution import (
    Baseline,
    DeepLift,
    FeatureAblation,
    Gradient,
    GradientShap,
    IntegratedGradients,
    KernelShap,
    Lime,
)
from facade_allennlp.attribution.baselines import Mask, Mean, Pad
from facade_allennlp.attribution.inputs import select
from fixtures import by_hand
from tests.families.family import EXACT, TEXTS, Family, same

SINGLE = EXACT[torch.float32]
SAMPLES = 12


def captums_methods(of: Family) -> None:
    """Ablation token by token; DeepLIFT, which on these activations is gradient × input."""
    for dtype in EXACT:
        with of.precision(dtype) as least:
            embedded = by_hand.embeddings(of.model, of.inputs)
            found = FeatureAblation().attribute(of.explained, of.inputs).raw
            same(found, falls(of, embedded, torch.zeros_like(embedded)), least)
            expected = (embedded * slopes(of, embedded)).sum(dim=-1) * of.mask
            same(DeepLift().attribute(of.explained, of.inputs).raw, expected, least)


def drawn_methods(of: Family) -> None:
    """One text at a time. Captum fits in single precision."""
    embedded = by_hand.embeddings(of.model, of.inputs)
    numpy.random.seed(0)
    numpy.random.choice(1, SAMPLES)  # which of one baseline
    shares = numpy.random.uniform(size=SAMPLES)
    mean = sum(slopes(of, share * embedded) for share in shares) / SAMPLES
    expected = (embedded * mean).sum(dim=-1) * of.mask
    found = GradientShap(SAMPLES).attribute(of.explained, of.inputs).raw
    same(found, expected)
    lime, shap = (
        method.attribute(of.explained, of.inputs).raw.to(torch.float32)
        for method in (Lime(SAMPLES), KernelShap(SAMPLES))
    )
    assert lime.any()
    for row, count in enumerate(of.mask.sum(dim=-1).tolist()):
        text = embedded[row, :count]
        same(lime[row, :count], _lasso(of, row, text), SINGLE)
        same(shap[row, :count], _shapley(of, row, text), SINGLE)
        assert not lime[row, count:].any()
        assert not shap[row, count:].any()


def baselines(of: Family) -> None:
    """Gradient × (input - baseline), the path from the baseline, ablation to the baseline."""
    corpus = of.folder / "corpus.jsonl"
    corpus.write_text("".join(json.dumps({"text": text}) + "\n" for text in TEXTS))
    ids = of.inputs["tokens"]["tokens"]["token_ids"]
    special = torch.isin(ids, torch.tensor([_number(of, "[CLS]"), _number(of, "[SEP]")]))
    embedded = by_hand.embeddings(of.model, of.inputs)
    words = of.mask & ~special
    vectors: list[tuple[Baseline, Tensor]] = [
        (Mask(keep_special=True), _embedding(of, "[MASK]")),
        (Pad(keep_special=True), _embedding(of, "[PAD]")),
        (Mean(str(corpus), keep_special=True), embedded[words].mean(dim=0)),
    ]
    for baseline, vector in vectors:
        reference = torch.where(words.unsqueeze(-1), vector, embedded)
        difference = embedded - reference
        at_input = by_hand.gradients(of.model, of.inputs, embedded, of.classes)
        between = by_hand.gradients(of.model, of.inputs, reference + difference / 2, of.classes)
        for method, gradient in (
            (Gradient(baseline), at_input),
            (IntegratedGradients(1, "middle", baseline), between),
        ):
            found = method.attribute(of.explained, of.inputs).raw
            same(found, (difference * gradient).sum(dim=-1) * of.mask)
        if isinstance(baseline, Mask):
            found = FeatureAblation(baseline).attribute(of.explained, of.inputs).raw
            same(found, falls(of, embedded, reference))


def chosen(of: Family, embedded: Tensor) -> Tensor:
    """The logit of each text's prediction. Shape: (rows,)."""
    logits = by_hand.logits(of.model, of.inputs, embedded)
    return logits.gather(-1, of.classes.unsqueeze(-1)).squeeze(-1)


def slopes(of: Family, at: Tensor) -> Tensor:
    """The gradient of that logit. Shape: (rows, tokens, features)."""
    point = at.clone().requires_grad_()
    return torch.autograd.grad(chosen(of, point).sum(), point)[0]


def falls(of: Family, embedded: Tensor, reference: Tensor) -> Tensor:
    """How far that logit falls without each token. Shape: (rows, tokens)."""
    found = torch.zeros_like(of.mask, dtype=embedded.dtype)
    with torch.no_grad():
        for token in range(embedded.shape[1]):
            without = embedded.clone()
            without[:, token] = reference[:, token]
            found[:, token] = chosen(of, embedded) - chosen(of, without)
    return found * of.mask


def _lasso(of: Family, row: int, text: Tensor) -> Tensor:
    """LIME: half of the tokens at random, near texts weigh more. Shape: (tokens,)."""
    torch.manual_seed(0)
    kept = torch.cat([torch.full((1, len(text)), 0.5).bernoulli() for _ in range(SAMPLES)])
    texts = text * kept.unsqueeze(-1)
    alike = torch.cosine_similarity(text.flatten().float(), texts.flatten(1).float(), dim=-1)
    weights = torch.exp(-((1 - alike) ** 2) / 2)
    logits = _logits(of, row, texts)
    model = Lasso(alpha=0.01).fit(kept.numpy(), logits.numpy(), weights.numpy())
    return torch.tensor(model.coef_, dtype=torch.float32)


def _shapley(of: Family, row: int, text: Tensor) -> Tensor:
    """
    KernelSHAP: least squares that meet the whole text and none of it, over sets whose sizes come as
    often as Shapley's kernel says. Shape: (tokens,).
    """
    count = len(text)
    sizes = [0.0, *((count - 1) / (size * (count - size)) for size in range(1, count))]
    distribution = torch.distributions.Categorical(torch.tensor(sizes))
    torch.manual_seed(0)
    sets = [torch.ones(count), torch.zeros(count)]
    while len(sets) < SAMPLES:
        size = int(distribution.sample())
        order = torch.randn(count).argsort(descending=True)
        sets.append(torch.zeros(count).index_fill(0, order[:size], 1.0))
    kept = torch.stack(sets).double()
    logits = _logits(of, row, text * kept.unsqueeze(-1)).double()
    # The two constraints leave as many unknowns as tokens but one.
    empty, whole = logits[1], logits[0] - logits[1]
    free = kept[:, :-1] - kept[:, -1:]
    targets = logits - empty - kept[:, -1] * whole
    solved = torch.linalg.lstsq(free, targets).solution
    return torch.cat([solved, (whole - solved.sum()).unsqueeze(0)]).float()


def _logits(of: Family, row: int, texts: Tensor) -> Tensor:
    """
    The logits of a text's prediction at other embeddings. `texts` of shape (samples, tokens,
    features); shape: (samples,).
    """
    rows = torch.full((len(texts),), row)
    inputs: Any = select(of.inputs, rows, len(TEXTS))
    indexed = {
        name: tensor[:, : texts.shape[1]] for name, tensor in inputs["tokens"]["tokens"].items()
    }
    with torch.no_grad():
        logits = by_hand.logits(of.model, {"tokens": {"tokens": indexed}}, texts.to(torch.float64))
    return logits[:, of.classes[row]].float()


def _number(of: Family, token: str) -> int:
    return of.model.vocab.get_token_index(token, "tags")


def _embedding(of: Family, token: str) -> Tensor:
    return of.transformer.get_input_embeddings().weight.detach()[_number(of, token)]
