"""
Models that plug into `allennlp train`: wrappers that train a facade or regularise, merged models,
and models for texts with several labels, a number, a label for each token.
"""

from facade_allennlp.models.constructed_facade import ConstructedFacade
from facade_allennlp.models.facade import Facade
from facade_allennlp.models.fooled_method import FooledMethod
from facade_allennlp.models.gradient_regularized import GradientRegularized
from facade_allennlp.models.merged import Merged
from facade_allennlp.models.number import NumberRegressor
from facade_allennlp.models.pair_model import PairModel
from facade_allennlp.models.several_labels import SeveralLabelsClassifier
from facade_allennlp.models.shared_direction import SharedDirection
from facade_allennlp.models.storage import Storage
from facade_allennlp.models.sum_of_logits import SumOfLogits
from facade_allennlp.models.token_labels import TokenLabeller
from facade_allennlp.models.transformer_qa import ArchivedTransformerQA, ReshapedTransformerQA
from facade_allennlp.models.uniformity import Uniformity

__all__ = [
    "ArchivedTransformerQA",
    "ConstructedFacade",
    "Facade",
    "FooledMethod",
    "GradientRegularized",
    "Merged",
    "NumberRegressor",
    "PairModel",
    "ReshapedTransformerQA",
    "SeveralLabelsClassifier",
    "SharedDirection",
    "Storage",
    "SumOfLogits",
    "TokenLabeller",
    "Uniformity",
]
