"""What is explained: a scalar per row that is differentiated with respect to the embeddings."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from facade_allennlp.attribution.explained_model import ForwardPass

Objective = Callable[[ForwardPass], Tensor]
"""From a forward pass to the scalar that is explained, one per row. Shape: (rows,)."""


def loss_on(classes: Sequence[Tensor]) -> Objective:
    """
    L of eq. 1: cross-entropy on the given class, summed over the model's outputs.

    # Parameters

    classes : `Sequence[Tensor]`
        For each output the class of each row. Each of shape (rows,).
    """

    def loss(forward: ForwardPass) -> Tensor:
        losses = [
            cross_entropy(logits, wanted, reduction="none")
            for logits, wanted in zip(forward.logits, classes)
        ]
        return torch.stack(losses).sum(dim=0)

    return loss


def loss_on_prediction(instances: int) -> Objective:
    """`loss_on` the classes that the first `instances` rows, the inputs as they are, predict."""

    def loss(forward: ForwardPass) -> Tensor:
        predictions = forward.predictions()
        rows = len(predictions[0])
        return loss_on([p[:instances].repeat(rows // instances) for p in predictions])(forward)

    return loss


def logit_contrast(forward: ForwardPass) -> Tensor:
    """
    A fixed contrast of the logits, Σ_k u_k z_k with u evenly spaced from -1 to 1 (for two classes
    the difference of the logits). Unlike the loss it neither saturates nor depends on the
    prediction, which in a merged model is the other part's. Shape: (rows,).
    """
    terms = []
    for logits in forward.logits:
        contrast = torch.linspace(-1, 1, logits.shape[-1], dtype=logits.dtype, device=logits.device)
        terms.append(logits @ contrast)
    return torch.stack(terms).sum(dim=0)
