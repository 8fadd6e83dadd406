from allennlp.data import Vocabulary
from allennlp.models import Model


@Model.register("pair_model", constructor="of_pairs")
class PairModel(Model):
    """
    Never an instance itself: stands for a model of texts whose reader makes a text of a pair. The
    model's own predictor reads single texts.
    """

    default_predictor = "models_own"

    @classmethod
    def of_pairs(cls, vocab: Vocabulary, model: Model) -> Model:
        """
        The model itself.

        # Parameters

        vocab : `Vocabulary`
        model : `Model`
        """
        return model
