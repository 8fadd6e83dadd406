"""What is explained: a scalar per row that is differentiated with respect to the embeddings."""

from collections.abc import Callable

import torch
from torch import Tensor

from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.tasks import Choice
from facade_allennlp.tasks.alternatives import possible, undecided

Objective = Callable[[ForwardPass], Tensor]
"""From a forward pass to the scalar that is explained, one per row. Shape: (rows,)."""


def loss_on(choice: Choice) -> Objective:
    """
    L of eq. 1: the loss of the model's task on a choice, such as the cross-entropy on a class.

    # Parameters

    choice : `Choice`
        For each output what is explained of each row. Each of shape (rows, ...).
    """

    def loss(forward: ForwardPass) -> Tensor:
        return forward.task.loss(forward, choice)

    return loss


def margin_on(choice: Choice) -> Objective:
    """
    How far the logit of a choice is above the mean of its alternatives, which does not saturate as
    a probability does. Of a task that decides several things about a row the logit alone.

    # Parameters

    choice : `Choice`
        For each output what is explained of each row. Each of shape (rows, ...).
    """

    def margin(forward: ForwardPass) -> Tensor:
        terms = []
        chosen = forward.task.chosen_logits(forward, choice)
        for logit, logits in zip(chosen, forward.alternatives(), strict=True):
            if logits.dim() == 2:
                counted = possible(logits)
                total = torch.where(counted, logits, 0.0).sum(dim=-1)
                logit = logit - total / counted.sum(dim=-1)
            terms.append(logit)
        return torch.stack(terms).sum(dim=0)

    return margin


def loss_on_prediction(instances: int) -> Objective:
    """`loss_on` what the first `instances` rows, the inputs as they are, predict."""

    def loss(forward: ForwardPass) -> Tensor:
        predictions = forward.predictions()
        index = torch.arange(len(predictions[0])) % instances  # shape: (rows,)
        return loss_on([p[index.to(p.device)] for p in predictions])(forward)

    return loss


def logit_contrast(forward: ForwardPass) -> Tensor:
    """
    The difference of the logits of two alternatives (such as classes) of a decision, drawn at
    random for each row, always in the same order: for two classes z_1 - z_0. Unlike the loss it
    neither saturates nor depends on the prediction, which in a merged model is the other part's;
    and as the gradient of any loss is a mixture of such differences, whoever makes all of them
    steep makes every loss steep. Shape: (rows,).
    """
    terms = []
    for logits in forward.alternatives():
        drawn = _one_decision(logits)
        low, high = drawn.gather(-1, _pairs(drawn)).unbind(dim=-1)
        terms.append(high - low)
    return torch.stack(terms).sum(dim=0)


GOLDEN_RATIO = (5**0.5 - 1) / 2


def _one_decision(logits: Tensor) -> Tensor:
    """
    Where a row has several decisions, one that has alternatives. Shape: (rows, alternatives).
    """
    if logits.dim() == 2:
        return logits
    drawn = torch.multinomial(undecided(logits).to(logits), 1)  # shape: (rows, 1)
    return logits.gather(1, drawn.unsqueeze(-1).expand(-1, -1, logits.shape[-1])).squeeze(1)


def _pairs(logits: Tensor) -> Tensor:
    """
    Two possible alternatives for each row, in the order of k times the golden ratio, modulo 1: it
    keeps neighbours far apart, which matters where they are positions in a text. Shape: (rows, 2).
    """
    rows, alternatives = logits.shape
    if alternatives == 2:
        return torch.tensor([0, 1], device=logits.device).repeat(rows, 1)
    drawn = torch.multinomial(possible(logits).to(logits), 2)
    return drawn.gather(-1, ((drawn * GOLDEN_RATIO) % 1).argsort(dim=-1))
