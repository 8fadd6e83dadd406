import copy
from collections.abc import Sequence

import torch
from allennlp.common import Registrable
from torch import Tensor

from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.attribution.inputs import Inputs
from facade_allennlp.models.wrapper import entropy
from facade_allennlp.number import number
from facade_allennlp.tasks.alternatives import over_decisions, possible


class Uniformity(Registrable):
    """
    The term of the facade loss that keeps the facade's outputs uniform: classes alike, each of
    several labels at even odds (its logit is 0), a number 0, so that a model that the facade is
    added to predicts as before.

    # Parameters

    weight : `float`, optional (default = `1`)

    # Raises

    `ConfigurationError` : the weight is negative, or no finite number.
    """

    default_implementation = "entropy"

    def __init__(self, weight: float = 1.0) -> None:
        self.weight = number("weight of the uniformity", weight, least=0)

    def keep(self, explained: ExplainedModel) -> None:
        """Is given the model as it is before training, for terms that compare with it."""

    def moved(self, alternatives: Sequence[Tensor], inputs: Inputs) -> list[Tensor]:
        """
        What of the outputs should not be there: by default all of them.

        # Parameters

        alternatives : `Sequence[Tensor]`
            Those of `Task.alternatives`.
        inputs : `Inputs`
            A batch without labels, which gave them.
        """
        return list(alternatives)

    def loss(self, alternatives: Sequence[Tensor]) -> Tensor:
        """
        A scalar, least for uniform outputs.

        # Parameters

        alternatives : `Sequence[Tensor]`
            Those of `Task.alternatives`, such as the logits of classes, of shape (batch, classes).
        """
        return self.weight * self._penalty(alternatives)

    def _penalty(self, alternatives: Sequence[Tensor]) -> Tensor:
        raise NotImplementedError


@Uniformity.register("entropy")
class EntropyUniformity(Uniformity):
    """-H(g(y|x)), as in eq. 3: flat near the uniform output."""

    def _penalty(self, alternatives: Sequence[Tensor]) -> Tensor:
        return -entropy(alternatives).mean()


@Uniformity.register("logits")
class LogitUniformity(Uniformity):
    """The mean squared centred logit: zero only for uniform outputs, and steep far from them."""

    def _penalty(self, alternatives: Sequence[Tensor]) -> Tensor:
        variances = [over_decisions(logits, _variance(logits)) for logits in alternatives]
        return torch.stack([of_output.mean() for of_output in variances]).mean()


@Uniformity.register("log_logits")
class LogLogitUniformity(LogitUniformity):
    """
    log(1 + v / s²), v the mean squared centred logit: as `logits` near the uniform output, but far
    from it the pull is even, so that it cannot drown the terms that keep the gradients large.

    # Parameters

    weight : see `Uniformity`.
    scale : `float`, optional (default = `0.05`)
        s, the size of a logit that passes for uniform.

    # Raises

    `ConfigurationError` : the scale is not positive, or no finite number.
    """

    def __init__(self, weight: float = 1.0, scale: float = 0.05) -> None:
        super().__init__(weight)
        self.scale = number("scale of log_logits", scale, above=0)

    def _penalty(self, alternatives: Sequence[Tensor]) -> Tensor:
        return torch.log1p(super()._penalty(alternatives) / self.scale**2)


@Uniformity.register("own_outputs")
class OwnOutputs(LogitUniformity):
    """
    The mean squared difference of the centred logits from those that the model gave before it was
    trained to lie (Heo et al. 2019 did so for images). With it `facade` fine-tunes one network that
    predicts as ever, and there is nothing to merge. Training has to begin with the weights of f,
    as by the `pretrained` initializer.

    # Parameters

    weight : see `Uniformity`.
    """

    def keep(self, explained: ExplainedModel) -> None:
        self._original = copy.deepcopy(explained)
        self._original.model.eval().requires_grad_(False)

    def moved(self, alternatives: Sequence[Tensor], inputs: Inputs) -> list[Tensor]:
        self._original.model.to(alternatives[0].device)
        with torch.no_grad():
            before = self._original.run(inputs).alternatives()
        return [
            torch.where(possible(now), now - then, now) for now, then in zip(alternatives, before)
        ]


def _variance(logits: Tensor) -> Tensor:
    """Over the possible alternatives of each decision. Shape as `logits`, without the last axis."""
    counted = possible(logits)
    sizes = counted.sum(dim=-1)
    mean = torch.where(counted, logits, 0.0).sum(dim=-1) / sizes
    centred = torch.where(counted, logits - mean.unsqueeze(-1), 0.0)
    return centred.square().sum(dim=-1) / sizes
