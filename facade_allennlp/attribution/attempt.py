"""Methods that may fail on some inputs, of which the others are explained all the same."""

import logging
from collections.abc import Sequence

import torch
from torch import Tensor

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.attribution.inputs import Inputs, select
from facade_allennlp.errors import describe, is_users

logger = logging.getLogger(__name__)


def attempt(
    method: AttributionMethod,
    explained: ExplainedModel,
    inputs: Inputs,
    forward: ForwardPass,
    choice: Sequence[Tensor],
) -> tuple[Attribution, dict[int, Exception]]:
    """
    What a method makes of a batch; where it fails, of each input by itself.

    # Parameters

    inputs : `Inputs`
        Without labels.
    forward : `ForwardPass`
        What the model makes of them.
    choice : `Sequence[Tensor]`
        What is explained, each of shape (batch, ...).

    # Returns

    `Attribution` : of the inputs that it fails on all scores are zero.
    `dict[int, Exception]` : why, by the rows of those inputs.
    """
    try:
        return method.attribute(explained, inputs, choice), {}
    except Exception as error:
        whole = error
        logger.debug("%s failed on a batch", method.name, exc_info=True)
    rows = len(choice[0])
    shapes = [field.mask.shape for field in forward.fields]
    zeros = [forward.logits[0].new_zeros(shape) for shape in shapes]
    attribution = Attribution.of_pass(forward, zeros, choice)
    if rows == 1:
        return attribution, {0: whole}
    failed: dict[int, Exception] = {}
    for row in range(rows):
        alone = select(inputs, torch.tensor([row]), rows)
        try:
            own = method.attribute(explained, alone, [chosen[row : row + 1] for chosen in choice])
        except Exception as error:
            failed[row] = error
        else:
            attribution.raw[row] = own.raw[0].to(attribution.raw)
    return attribution, failed


def sentence(error: Exception) -> str:
    """What went wrong, on one line; of an error that is no user's with its kind in front."""
    told = describe(error)
    return told if is_users(error) else ": ".join(filter(None, (type(error).__name__, told)))
