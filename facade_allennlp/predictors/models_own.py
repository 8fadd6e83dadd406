from inspect import signature
from typing import Any

from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader
from allennlp.models import Model
from allennlp.predictors import Predictor, TextClassifierPredictor

from facade_allennlp.models.wrapper import unwrapped
from facade_allennlp.predictors.entailment import EntailmentPredictor

PAIR = {"premise", "hypothesis"}


@Predictor.register("models_own", constructor="for_model")
class ModelsOwnPredictor(Predictor):
    """
    Never an instance itself: stands for the predictor of the model that a wrapper or a merged model
    turns out to hold, which AllenNLP cannot know from the config's outermost `type`.
    """

    @classmethod
    def for_model(cls, model: Model, dataset_reader: DatasetReader, **settings: Any) -> Predictor:
        """
        # Raises

        `ConfigurationError` : the model names no predictor.
        """
        name = unwrapped(model).default_predictor
        if name is None:
            raise ConfigurationError(
                f"{type(unwrapped(model)).__name__} names no predictor: choose one with --predictor"
            )
        make: Any = Predictor.by_name(name)
        # A model of texts whose reader makes a text of a pair.
        read = signature(dataset_reader.text_to_instance).parameters
        if read.keys() >= PAIR and issubclass(make, TextClassifierPredictor):
            make = EntailmentPredictor
        return make(model, dataset_reader, **settings)
