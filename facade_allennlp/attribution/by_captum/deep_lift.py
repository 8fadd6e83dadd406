from captum.attr import DeepLift as CaptumDeepLift

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.by_captum.captum_method import (
    CaptumInputs,
    CaptumMethod,
    TokenScores,
)


@AttributionMethod.register("deep_lift")
class DeepLift(CaptumMethod):
    """
    DeepLIFT (Shrikumar et al. 2017) from the zero embedding, by Captum: its rescale rule for the
    activations that Captum knows (ReLU, tanh, ...), gradients for the others, BERT's GELU among
    them.
    """

    title = "DeepLIFT"

    def part_size(self, rows: int) -> int:
        return max(1, rows // 2)  # each input is run beside its baseline

    def rows_per_input(self, tokens: int) -> int:
        return 2

    def call(self, given: CaptumInputs) -> TokenScores:
        scores = CaptumDeepLift(given.function).attribute(
            **given.arguments, return_convergence_delta=True
        )
        return TokenScores.summed(*scores)
