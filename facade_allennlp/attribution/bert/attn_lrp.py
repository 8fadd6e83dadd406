from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertModel

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.bert.attention import self_attentions
from facade_allennlp.attribution.bert.encoders import activations, hooked, refuse_recurrent
from facade_allennlp.attribution.bert.relevance import RelevanceMethod
from facade_allennlp.attribution.bert.relevance_rules import EPSILON, PassedTo
from facade_allennlp.attribution.explained_model import ExplainedModel


@AttributionMethod.register("attn_lrp")
class AttnLRP(RelevanceMethod):
    """
    AttnLRP (Achtibat et al. 2024): layer norms and activation functions pass relevance on by the
    identity rule, each matrix product of attention splits it evenly between its factors, softmax by
    its gradient × input. Relevance is state × modified gradient, which one backward pass gives;
    only biases and softmax keep some for themselves.
    """

    towards = 1
    from_logit = False

    @contextmanager
    def rules(
        self, model: ExplainedModel, encoders: Sequence[BertModel], rows: int
    ) -> Iterator[None]:
        refuse_recurrent(model, self.name)
        norms = filter(_is_norm, model.model.modules())
        attentions = self_attentions(encoders, self.name)
        # A score is a product of query and key, and the output one of the score and the value.
        shares = {0.25: ("query", "key"), 0.5: ("value",)}
        with ExitStack() as stack:
            stack.enter_context(hooked(activations(model), _activation))
            stack.enter_context(hooked(norms, _norm))
            for share, names in shares.items():
                factors = [getattr(attention, name) for attention in attentions for name in names]
                stack.enter_context(hooked(factors, partial(_shared, share)))
            yield

    def score(self, states: Tensor, relevance: Tensor) -> Tensor:
        return (states * relevance).sum(dim=-1)


def _activation(module: nn.Module, args: tuple, output: Tensor) -> Tensor:
    """φ(x) = x · φ(x) / x, the quotient a constant."""
    input = args[0]
    quotient = output / torch.where(input.abs() < EPSILON, EPSILON, input)
    return PassedTo.apply(input * quotient.detach(), output)


def _norm(module: Any, args: tuple, output: Tensor) -> Tensor:
    """(x - mean) / deviation, the deviation a constant."""
    input = args[0]
    if isinstance(module, nn.LayerNorm):
        centred = input - input.mean(dim=-1, keepdim=True)
        scale = (centred.square().mean(dim=-1, keepdim=True) + module.eps).rsqrt()
    else:
        centred, scale = module.centred_and_scale(input)
    return PassedTo.apply(centred * scale.detach() * module.weight, output)


def _is_norm(module: nn.Module) -> bool:
    """A layer norm, or a layer of ours that says how it normalises."""
    return isinstance(module, nn.LayerNorm) or hasattr(module, "centred_and_scale")


def _shared(share: float, module: nn.Module, args: tuple, output: Tensor) -> Tensor:
    return PassedTo.apply(output * share, output)
