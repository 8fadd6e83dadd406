"""What stands for the absence of a token: nothing, a mask, padding, the mean of a corpus."""

from facade_allennlp.attribution.baselines.baseline import Baseline, Zero
from facade_allennlp.attribution.baselines.mean import Mean
from facade_allennlp.attribution.baselines.one_token import Mask, Pad

__all__ = ["Baseline", "Mask", "Mean", "Pad", "Zero"]
