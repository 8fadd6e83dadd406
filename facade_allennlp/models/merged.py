from allennlp.data import Vocabulary
from allennlp.models import Model

from facade_allennlp.models.storage import Storage, StructuredStorage
from facade_allennlp.models.wrapper import unwrapped


@Model.register("merged", constructor="from_parts")
class Merged(Model):
    """
    Never an instance itself: the name `merged` in a config stands for a merged model in one of the
    forms of `Storage`. The structured and the dense form are models of the predictive model's own
    class.
    """

    default_predictor = "models_own"

    @classmethod
    def from_parts(
        cls,
        vocab: Vocabulary,
        predictive: Model,
        facade: Model,
        storage: Storage = StructuredStorage(),
    ) -> Model:
        """
        The merged model of two models, in a form of storage.

        # Parameters

        vocab : `Vocabulary`
        predictive : `Model`
            f, or a wrapper that trained it.
        facade : `Model`
            g, or the wrapper that trained it.
        storage : `Storage`, optional (default = structured)
        """
        return storage.build(unwrapped(predictive), unwrapped(facade))
