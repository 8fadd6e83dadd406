import functools
from typing import Any, Optional

from allennlp.data import Vocabulary
from allennlp.models import Model


@Model.register("reshaped_transformer_qa", constructor="with_shape")
class ReshapedTransformerQA(Model):
    """
    Never an instance itself: stands for AllenNLP's `transformer_qa` over a transformer of another
    shape, as a facade needs; `transformer_qa` takes pretrained ones only.
    """

    default_predictor = "models_own"

    @classmethod
    def with_shape(
        cls,
        vocab: Vocabulary,
        transformer_model_name: str,
        transformer_kwargs: Optional[dict[str, Any]] = None,
        load_weights: bool = False,
    ) -> Model:
        """
        AllenNLP's model over a transformer of another shape.

        # Parameters

        vocab : `Vocabulary`
        transformer_model_name : `str`
        transformer_kwargs : `dict[str, Any]`, optional
            What differs from that transformer's configuration.
        load_weights : `bool`, optional (default = `False`)
            Pretrained weights, instead of random ones.
        """
        from allennlp_models.rc.models import transformer_qa  # slow to import

        # Its constructor makes the embedder by itself, and passes nothing on.
        make: Any = transformer_qa.PretrainedTransformerEmbedder
        transformer_qa.PretrainedTransformerEmbedder = functools.partial(
            make, load_weights=load_weights, transformer_kwargs=transformer_kwargs
        )
        try:
            return transformer_qa.TransformerQA(vocab, transformer_model_name)
        finally:
            transformer_qa.PretrainedTransformerEmbedder = make
