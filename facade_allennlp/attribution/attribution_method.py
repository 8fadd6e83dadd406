from typing import Optional

import torch
from allennlp.common import Registrable

from facade_allennlp.attribution.attribution import Attribution
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Classes, Inputs
from facade_allennlp.attribution.packed_batch import PackedBatch


class AttributionMethod(Registrable):
    """
    An explanation method: a batch of model inputs in, one score per token out. A new method is one
    file with one registered subclass, which says how to `explain` a part of a batch.
    """

    default_implementation = "gradient"

    title = ""
    """What tables and reports call the method; by default the name it is registered under."""

    towards: Optional[int] = None
    """
    What a positive score speaks for: 1 the explained class, -1 what is against it (as the gradient
    of a loss does). `None` where scores are magnitudes.
    """

    in_half_precision = False
    """
    Whether tokens keep their ranks where passes are computed in half precision; `docs/scale.md` has
    what was measured.
    """

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
        classes: Classes = None,
    ) -> Attribution:
        """
        Scores each token of a batch, each text as if it were alone:

            attribution = Gradient().attribute(ExplainedModel(model), batch.as_tensor_dict())
            shares = attribution.normalized  # shape: (batch, tokens)

        # Parameters

        model : `ExplainedModel`
            In evaluation mode, unless noise from dropout is wanted.
        inputs : `Inputs`
            A batch as AllenNLP's data loaders give it. Labels are ignored.
        classes : `Sequence[Tensor]`, optional (default = the model's prediction)
            The class to explain, for each of the model's outputs. Each of shape (batch,).

        # Returns

        `Attribution` : raw scores of shape (batch, tokens), without a graph, and the classes that
            they explain.
        """
        bare = model.without_labels(inputs)
        packed = PackedBatch(model, bare, classes, self.part_size, self.rows_per_input)
        explained = []
        with model.lock.sharing():
            for part in packed.parts:
                model.lock.give_way()
                explained.append(self._explain(model, *part))
        return packed.joined(explained)

    def _explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        if model.precision is None or not self.in_half_precision:
            return self.explain(model, inputs, classes, rows)
        if classes is None:
            with torch.no_grad():
                classes = model.run(inputs).predictions()
        with torch.autocast(model.device.type, torch.bfloat16):
            return self.explain(model, inputs, classes, rows)

    def part_size(self, rows: int) -> int:
        """How many inputs `explain` is given at once where one forward pass takes `rows`."""
        return rows

    def rows_per_input(self, tokens: int) -> int:
        """As how many rows, in all passes, an input of so many tokens is run."""
        return 1

    def passes(self, model: ExplainedModel, tokens: int) -> int:
        """In how many passes of a model an input of so many tokens is, give or take five."""
        return self.rows_per_input(tokens)

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        """
        As `attribute`, for a part of a batch, without labels. A method of many passes calls
        `model.lock.give_way` between them, wherever it has changed nothing in the model.

        # Parameters

        rows : `int`
            The most rows in one forward pass.
        """
        raise NotImplementedError
