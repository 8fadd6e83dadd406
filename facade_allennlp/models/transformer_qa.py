from collections.abc import Callable
from functools import partial
from typing import Any, Optional

from allennlp.data import Vocabulary
from allennlp.models import Model
from allennlp.modules.token_embedders import PretrainedTransformerEmbedder, TokenEmbedder

from facade_allennlp.archives.carried_transformer import CARRIED, ArchivedTransformerEmbedder


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
        return transformer_qa_over(
            vocab,
            transformer_model_name,
            partial(
                PretrainedTransformerEmbedder,
                load_weights=load_weights,
                transformer_kwargs=transformer_kwargs,
            ),
        )


@Model.register("archived_transformer_qa", constructor="of_archive")
class ArchivedTransformerQA(Model):
    """
    Never an instance itself: stands for AllenNLP's `transformer_qa` over the transformer whose
    configuration the archive holds.
    """

    default_predictor = "models_own"

    @classmethod
    def of_archive(cls, vocab: Vocabulary, serialization_dir: str, folder: str = CARRIED) -> Model:
        """
        AllenNLP's model, of the shape that the configuration says.

        # Parameters

        vocab : `Vocabulary`
        serialization_dir : `str`
            The folder of the archive; AllenNLP passes it.
        folder : `str`, optional (default = `"transformer"`)
            Where in the archive tokenizer and configuration are.
        """
        return transformer_qa_over(
            vocab, folder, lambda name: ArchivedTransformerEmbedder(serialization_dir, folder=name)
        )


def transformer_qa_over(
    vocab: Vocabulary, name: str, make_embedder: Callable[[str], TokenEmbedder]
) -> Model:
    """
    AllenNLP's model over another embedder than its constructor makes.

    # Parameters

    vocab : `Vocabulary`
    name : `str`
        Of the transformer.
    make_embedder : `Callable[[str], TokenEmbedder]`
        Takes that name.
    """
    from allennlp_models.rc.models import transformer_qa  # slow to import

    # Its constructor makes the embedder by itself, and passes nothing on.
    make: Any = transformer_qa.PretrainedTransformerEmbedder
    transformer_qa.PretrainedTransformerEmbedder = make_embedder
    try:
        return transformer_qa.TransformerQA(vocab, name)
    finally:
        transformer_qa.PretrainedTransformerEmbedder = make
