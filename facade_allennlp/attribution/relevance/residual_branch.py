"""
Relevance through a residual branch on two ways at once: by the branch's Jacobian, and by rules.

Between the branch's first linear layers and its last one every tensor holds the inputs twice, one
behind the other on the first axis: the relevance of the first half goes by the Jacobian, that of
the second half by rules. So both ways pass through whatever lies between, as merged layers do.
"""

from typing import Any

import torch
from torch import Tensor

from facade_allennlp.attribution.attention.open_attention import probabilities
from facade_allennlp.attribution.relevance.composite import AttentionRule, Pass, Rule
from facade_allennlp.attribution.relevance.propagation import PassedToBoth


class BranchRule(Rule):
    """
    For a layer of a branch.

    # Parameters

    rule : `Rule`
        What the layer passes back on the second way.
    """

    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def halves(
        self, module: Any, input: Tensor, output: Tensor, within: Pass
    ) -> tuple[Tensor, Tensor]:
        """The output on both ways, each of half as many rows."""
        by_jacobian, other = output.chunk(2)
        return by_jacobian, self.rule.output(module, input.chunk(2)[1], other, within)


class BranchStart(BranchRule):
    """For the first linear layers of a branch, which are given the inputs once."""

    def output(self, module: Any, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        return torch.cat([output, self.rule.output(module, input, output, within)])


class BranchMiddle(BranchRule):
    """For what lies between."""

    def output(self, module: Any, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        return torch.cat(self.halves(module, input, output, within))


class BranchEnd(BranchRule):
    """For the last linear layer, which gives the inputs once; its relevance goes on both ways."""

    def output(self, module: Any, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        return PassedToBoth.apply(*self.halves(module, input, output, within))


class BranchAttention(AttentionRule):
    """Softmax attention of both halves, by its Jacobian on either way."""

    def context(
        self, query: Tensor, key: Tensor, value: Tensor, added: Any, within: Pass
    ) -> Tensor:
        halves = zip(query.chunk(2), key.chunk(2), value.chunk(2))
        return torch.cat([probabilities(q, k, added) @ v for q, k, v in halves])
