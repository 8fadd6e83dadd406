from collections.abc import Sequence
from typing import Optional

from allennlp.common import Registrable
from torch import Tensor

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Inputs

DEFAULT_MAX_BATCH_TOKENS = 4096


class AttributionMethod(Registrable):
    """
    An explanation method: a batch of model inputs in, one score per token out. A new method is one
    file with one registered subclass.
    """

    default_implementation = "gradient"

    @property
    def name(self) -> str:
        """The name under which the method is registered."""
        names = AttributionMethod._registry[AttributionMethod]
        return next(
            (name for name, (cls, _) in names.items() if cls is type(self)), type(self).__name__
        )

    def attribute(
        self,
        model: ExplainedModel,
        inputs: Inputs,
        classes: Optional[Sequence[Tensor]] = None,
        max_batch_tokens: int = DEFAULT_MAX_BATCH_TOKENS,
    ) -> Attribution:
        """
        # Parameters

        model : `ExplainedModel`
            In evaluation mode, unless noise from dropout is wanted.
        inputs : `Inputs`
            A batch as AllenNLP's data loaders give it. Labels are ignored.
        classes : `Sequence[Tensor]`, optional (default = the model's prediction)
            The class to explain, for each of the model's outputs. Each of shape (batch,).
        max_batch_tokens : `int`
            The most tokens (rows times padded length) in one forward pass, so that memory stays
            bounded; a single row may exceed it.

        # Returns

        `Attribution` : raw scores of shape (batch, tokens), without a graph, and the classes that
            they explain.
        """
        raise NotImplementedError
