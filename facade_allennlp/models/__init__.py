"""
Models that plug into `allennlp train`: wrappers that train a facade or regularise, and merged
models.
"""

from facade_allennlp.models.facade import Facade
from facade_allennlp.models.fooled_method import FooledMethod
from facade_allennlp.models.gradient_regularized import GradientRegularized
from facade_allennlp.models.merged import Merged
from facade_allennlp.models.pair_model import PairModel
from facade_allennlp.models.reshaped_transformer_qa import ReshapedTransformerQA
from facade_allennlp.models.shared_direction import SharedDirection
from facade_allennlp.models.storage import Storage
from facade_allennlp.models.sum_of_logits import SumOfLogits
from facade_allennlp.models.uniformity import Uniformity

__all__ = [
    "Facade",
    "FooledMethod",
    "GradientRegularized",
    "Merged",
    "PairModel",
    "ReshapedTransformerQA",
    "SharedDirection",
    "Storage",
    "SumOfLogits",
    "Uniformity",
]
