from functools import partial

from captum.attr import DeepLift as CaptumDeepLift
from captum.attr._core.deep_lift import SUPPORTED_NON_LINEAR

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumInputs,
    CaptumMethod,
    TokenScores,
)
from facade_allennlp.attribution.by_captum.turns import called_once


@AttributionMethod.register("deep_lift")
class DeepLift(CaptumMethod):
    """
    DeepLIFT (Shrikumar et al. 2017) by Captum: its rescale rule for the activations that Captum
    knows (ReLU, tanh, ...), gradients for the others, BERT's GELU among them. Of an activation that
    a model calls several times, each call counts for itself.
    """

    title = "DeepLIFT"

    def part_size(self, rows: int) -> int:
        return max(1, rows // 2)  # each input is run beside its baseline

    def rows_per_input(self, tokens: int) -> int:
        return 2

    def call(self, given: CaptumInputs) -> TokenScores:
        arguments = given.arguments
        taken = (*arguments["inputs"], *arguments["additional_forward_args"])
        one_pass = partial(given.function, *taken)
        # Captum keeps what an activation was last given.
        with called_once(given.function, SUPPORTED_NON_LINEAR.keys(), one_pass):
            scores = CaptumDeepLift(given.function).attribute(
                **arguments, return_convergence_delta=True
            )
        return TokenScores.summed(*scores)
