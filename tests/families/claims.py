"""
What is claimed of each family of encoders, held against transformers' own forward, loops over
texts, and sums of logits. A claim fails by `AssertionError`; what is refused raises
`ConfigurationError`.
"""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from torch import Tensor
from transformers import BertConfig, BertModel

from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import (
    LRP,
    AttentionAttribution,
    AttentionTracing,
    AttnLRP,
    Attribution,
    AttributionMethod,
    ExplainedModel,
    Gradient,
    GradientInput,
    GradientSensitivity,
    IntegratedGradients,
    LiteralLRP,
    SmoothGradient,
)
from facade_allennlp.faithfulness import Faithfulness
from facade_allennlp.targets import EveryToken
from fixtures import BERT_FOLDER, build, by_hand
from fixtures.families import family_configs, write_encoder
from tests.attacks import by_loop
from tests.families.captums_claims import baselines, captums_methods, drawn_methods
from tests.families.family import EXACT, Family, same, with_biases

NAMES_IN_BERT: dict[str, dict[str, str]] = {
    "distilbert": {
        "transformer.layer": "encoder.layer",
        "attention.q_lin": "attention.self.query",
        "attention.k_lin": "attention.self.key",
        "attention.v_lin": "attention.self.value",
        "attention.out_lin": "attention.output.dense",
        "sa_layer_norm": "attention.output.LayerNorm",
        "ffn.lin1": "intermediate.dense",
        "ffn.lin2": "output.dense",
        "output_layer_norm": "output.LayerNorm",
    },
    "mpnet": {
        "attention.attn.q.": "attention.self.query.",
        "attention.attn.k.": "attention.self.key.",
        "attention.attn.v.": "attention.self.value.",
        "attention.attn.o.": "attention.output.dense.",
        "attention.LayerNorm": "attention.output.LayerNorm",
    },
}
"""How the weights of families are called in a BERT; those of others are called the same."""


def gradient_methods(of: Family) -> None:
    for dtype in EXACT:
        with of.precision(dtype) as least:
            _gradient_methods(of, least)


def _gradient_methods(of: Family, least: float) -> None:
    model, inputs = of.model, of.inputs
    expected = by_hand.gradient_times_input(model, inputs)
    same(Gradient().attribute(of.explained, inputs).raw, expected, least)
    smooth = SmoothGradient(samples=1, stdev=0)
    same(smooth.attribute(of.explained, inputs).raw, expected, least)
    embedded, classes = by_hand.embeddings(model, inputs), of.classes
    steps = (0, 1 / 3, 2 / 3)
    slopes = [by_hand.gradients(model, inputs, share * embedded, classes) for share in steps]
    expected = (embedded * torch.stack(slopes).mean(dim=0)).sum(dim=-1) * of.mask
    same(IntegratedGradients(steps=3).attribute(of.explained, inputs).raw, expected, least)


def attacks(of: Family) -> None:
    vocabulary = of.model.vocab.get_index_to_token_vocabulary("tags")
    words = [number for number, token in vocabulary.items() if token.isalnum()]
    reduced = InputReduction(beam_size=1).attack(of.explained, of.instances)
    flipped = HotFlip(EveryToken()).attack(of.explained, of.instances)
    for instance, reduction, flips in zip(of.instances, reduced, flipped, strict=True):
        ids = of.ids(instance)
        inner = range(1, len(ids) - 1)
        left = by_loop.greedy_reduction(of.model, ids, inner)
        assert of.ids(reduction.instance) == [ids[place] for place in left]
        for position, new in by_loop.flips(of.model, ids, inner, words):
            ids[position] = new
        assert of.ids(flips.instance) == ids


def faithfulness(of: Family) -> None:
    """What the probability is without, and with nothing but, the half with the highest shares."""
    method = Gradient().attribute(of.explained, of.inputs)
    found = Faithfulness([0.5]).measure(of.explained, of.instances, range(2), {"g": method})
    for row, (result, instance) in enumerate(zip(found, of.instances, strict=True)):
        assert result is not None
        ids = of.ids(instance)
        inner = range(1, len(ids) - 1)
        order = sorted(inner, key=lambda place: -float(method.normalized[row, place]))
        top = set(order[: math.ceil(len(inner) / 2)])
        kept = [
            ids,
            [number for place, number in enumerate(ids) if place not in top],
            [n for place, n in enumerate(ids) if place in top or place not in inner],
        ]
        texts = [by_loop.inputs_of(text) for text in kept]
        logits = [by_hand.logits(of.model, t, by_hand.embeddings(of.model, t))[0] for t in texts]
        label = int(logits[0].argmax())
        whole, without, only = (z.softmax(dim=-1)[label].item() for z in logits)
        of_method = result["methods"]["g"]
        assert abs(result["whole"] - whole) < 1e-9
        assert abs(of_method["without"][0] - without) < 1e-9
        assert abs(of_method["only"][0] - only) < 1e-9


def gradients_inside(of: Family) -> None:
    """At the output of the embeddings, by a hook of our own on transformers' forward."""
    found = [
        m.attribute(of.explained, of.inputs).raw for m in (GradientInput(), GradientSensitivity())
    ]
    states: list[Tensor] = []

    def note(module: Any, args: tuple, output: Tensor) -> Tensor:
        states.append(output.detach().requires_grad_())
        return states[-1]

    handle = of.transformer.embeddings.register_forward_hook(note)
    logits = by_hand.logits(of.model, of.inputs, by_hand.embeddings(of.model, of.inputs))
    handle.remove()
    best = logits.amax(dim=-1)
    (slope,) = torch.autograd.grad(best.sum(), states)
    same(found[0], (states[0] * slope).sum(dim=-1).detach() * of.mask)
    slope = slope * best.detach()[:, None, None]
    same(found[1], slope.square().sum(dim=-1) * of.mask)


def relevance(of: Family) -> None:
    """LRP and AttnLRP as of a BERT with the same weights, which other tests have by formula."""
    GradientInput().attribute(of.explained, of.inputs)  # refuses what cannot be looked into
    _as_of_its_twin(of, LRP(), LiteralLRP(), AttnLRP())


def attention(of: Family) -> None:
    """Attention as transformers itself returns it; its attribution as of a BERT."""
    found = AttentionTracing().attribute(of.explained, of.inputs).raw
    indexed = of.inputs["tokens"]["tokens"]
    with torch.no_grad():
        attentions = of.transformer(
            indexed["token_ids"], attention_mask=of.mask.long(), output_attentions=True
        ).attentions
    traced = torch.zeros_like(attentions[0][..., :1, :])  # shape: (rows, heads, 1, tokens)
    traced[..., 0] = 1
    for one in reversed(attentions):
        traced = traced @ one
    same(found, traced.sum(dim=(1, 2)) * of.mask)
    _as_of_its_twin(of, AttentionAttribution(steps=2))


def _as_of_its_twin(of: Family, *methods: AttributionMethod) -> None:
    twin, model = _twins(of)
    for method in methods:
        expected = method.attribute(ExplainedModel(twin), of.inputs)
        found: Attribution = method.attribute(ExplainedModel(model), of.inputs)
        same(found.raw, expected.raw, 1e-8)


@cache
def _twins(of: Family) -> tuple[Model, Model]:
    """
    A classifier over a BERT, and one over the family with the same weights: without what a BERT
    lacks (narrower embeddings, scores for distances).
    """
    if of.family == "bert":
        return of.model, of.model
    wide = {"embedding_size": 16} if of.family == "electra" else {}
    name = write_encoder(of.folder / f"{of.family}-twin", of.family, **wide)
    built, _, _ = build(*family_configs(name))
    model: Any = with_biases(built).double()
    encoder = by_hand.bert(model)
    if of.family == "mpnet":
        torch.nn.init.zeros_(encoder.encoder.relative_attention_bias.weight)
    epsilon = 1e-12 if of.family == "distilbert" else 1e-5
    config = BertConfig.from_pretrained(BERT_FOLDER, layer_norm_eps=epsilon)
    bert: Any = BertModel(config, add_pooling_layer=False).double().eval()
    segments = torch.zeros(2, 16).double()
    state = {"embeddings.token_type_embeddings.weight": segments}
    for path, weights in encoder.state_dict().items():
        for theirs, berts in NAMES_IN_BERT.get(of.family, {}).items():
            path = path.replace(theirs, berts)
        if path.startswith("pooler") or "relative_attention_bias" in path:
            continue
        if "position_embeddings" in path:
            weights = weights[-48:]  # those behind the one for padding
        if "token_type_embeddings" in path:
            weights = torch.cat([weights, torch.zeros_like(weights)])[:2]
        state[path] = weights
    bert.load_state_dict(state)
    twin: Any = build()[0].double()
    by_hand.embedder(twin).transformer_model = bert
    twin._classification_layer = model._classification_layer
    return twin, model


def merged_weights(of: Family) -> None:
    for storage in ("structured", "dense"):
        _sums(of, storage)


def merged_logits(of: Family) -> None:
    _sums(of, "logits")


def _sums(of: Family, storage: str) -> None:
    parts = of.merged_parts
    summed = parts.summed_logits(parts.inputs)
    merged = parts.merged(type=storage)
    with torch.no_grad():
        # The dense form has small noise in place of its zeros.
        same(merged(**parts.inputs)["logits"], summed, 1e-5)


def usable_length(of: Family) -> None:
    """A text at the limit is explained, one over it is refused with both numbers."""
    limit = of.explained.positions
    if limit is None:
        explain_length(of, 200)
        return
    assert limit == 48
    explain_length(of, limit)
    message = f"a text is {limit + 1} tokens long.* only {limit} positions"
    with pytest.raises(ConfigurationError, match=message):
        explain_length(of, limit + 1)


def explain_length(of: Family, tokens: int) -> None:
    inputs = by_loop.inputs_of([2, *[7] * (tokens - 2), 3])
    found = Gradient().attribute(of.explained, inputs).raw
    same(found, by_hand.gradient_times_input(of.model, inputs))


CLAIMS: dict[str, tuple[str, Callable[[Family], None]]] = {
    "gradient_methods": ("Gradient, SmoothGrad, InteGrad", gradient_methods),
    "captums_methods": ("ablation, DeepLIFT", captums_methods),
    "drawn_methods": ("GradientSHAP, LIME, KernelSHAP", drawn_methods),
    "baselines": ("baselines: mask, padding, mean", baselines),
    "attacks": ("input reduction, HotFlip", attacks),
    "faithfulness": ("faithfulness", faithfulness),
    "gradients_inside": ("gradient × input, sensitivity behind the norm", gradients_inside),
    "relevance": ("LRP, AttnLRP", relevance),
    "attention": ("attention tracing, attribution", attention),
    "merged_weights": ("merging: structured, dense", merged_weights),
    "merged_logits": ("merging: logits", merged_logits),
    "usable_length": ("longest text, and one over", usable_length),
}
"""By name: the heading of the column, and what is claimed."""


def outcome(claim: Callable[[Family], None], of: Family) -> str:
    """
    `right`, or `refused` where the encoder's class is named.

    # Raises

    `AssertionError` : the claim fails, or a refusal does not say what is refused.
    """
    try:
        with of.precision(torch.float64):
            claim(of)
    except ConfigurationError as error:
        kind = type(of.transformer).__name__
        if kind not in str(error):
            raise AssertionError(f"{kind} is not named") from error
        return "refused"
    return "right"


def outcomes(of: Family) -> Sequence[str]:
    return [outcome(claim, of) for _, claim in CLAIMS.values()]
