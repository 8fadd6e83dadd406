from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.data import TextFieldTensors, Vocabulary
from allennlp.models import Model
from allennlp.modules import FeedForward, Seq2SeqEncoder, TextFieldEmbedder
from allennlp.nn import InitializerApplicator
from allennlp.nn.util import get_text_field_mask, get_token_ids_from_text_field_tensors
from allennlp.training.metrics import CategoricalAccuracy
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from facade_allennlp.readers.word_label_field import UNTOLD


@Model.register("token_labels")
class TokenLabeller(Model):
    """
    A label for each token: a linear layer over the vectors that an encoder gives the tokens. In
    training those count whose label is told, such as the first of each word.

    # Parameters

    vocab : `Vocabulary`
    text_field_embedder : `TextFieldEmbedder`
    seq2seq_encoder : `Seq2SeqEncoder`, optional
        Between the embedder and the layers above.
    feedforward : `FeedForward`, optional
        In front of the last layer.
    dropout : `float`, optional
        Of what goes into the feedforward layer, or the last one.
    num_labels : `int`, optional (default = as many as the vocabulary has)
    label_namespace, namespace : `str`, optional (default = `"labels"`, `"tags"`)
        Of labels and of tokens in the vocabulary.
    initializer : `InitializerApplicator`, optional

    # Metrics

    `accuracy`, over all tokens whose label is told.
    """

    default_predictor = "token_labels"
    default_task = "token_label"

    def __init__(
        self,
        vocab: Vocabulary,
        text_field_embedder: TextFieldEmbedder,
        seq2seq_encoder: Optional[Seq2SeqEncoder] = None,
        feedforward: Optional[FeedForward] = None,
        dropout: Optional[float] = None,
        num_labels: Optional[int] = None,
        label_namespace: str = "labels",
        namespace: str = "tags",
        initializer: InitializerApplicator = InitializerApplicator(),
        **more: Any,
    ) -> None:
        super().__init__(vocab, **more)
        self._text_field_embedder = text_field_embedder
        self._seq2seq_encoder = seq2seq_encoder
        self._feedforward = feedforward
        self._dropout = nn.Dropout(dropout or 0.0)
        self._label_namespace = label_namespace
        self._namespace = namespace
        layers = [text_field_embedder, seq2seq_encoder, feedforward]
        width = [layer.get_output_dim() for layer in layers if layer is not None][-1]
        self._num_labels = num_labels or vocab.get_vocab_size(label_namespace)
        if not self._num_labels:
            raise ConfigurationError(f"the vocabulary has no labels under {label_namespace!r}")
        self._classification_layer = nn.Linear(width, self._num_labels)
        self._accuracy = CategoricalAccuracy()
        initializer(self)

    def forward(
        self, tokens: TextFieldTensors, tags: Optional[Tensor] = None, metadata: Any = None
    ) -> dict[str, Any]:
        """
        # Parameters

        tokens : `TextFieldTensors`
        tags : `Tensor`, optional
            Gold labels, `UNTOLD` where there is none. Shape: (batch, tokens).

        # Returns

        `logits` and `probs`, of shape (batch, tokens, labels); `token_ids` and `mask`, of shape
        (batch, tokens); with `tags` the `loss`.
        """
        mask = get_text_field_mask(tokens)
        vectors = self._text_field_embedder(tokens)  # shape: (batch, tokens, features)
        if self._seq2seq_encoder is not None:
            vectors = self._seq2seq_encoder(vectors, mask)
        vectors = self._dropout(vectors)
        if self._feedforward is not None:
            vectors = self._feedforward(vectors)
        logits = self._classification_layer(vectors)
        outputs = {
            "logits": logits,
            "probs": logits.softmax(dim=-1),
            "token_ids": get_token_ids_from_text_field_tensors(tokens),
            "mask": mask,
        }
        if tags is not None:
            told = tags != UNTOLD
            outputs["loss"] = cross_entropy(logits[told], tags[told])
            self._accuracy(logits[told], tags[told])
        return outputs

    def make_output_human_readable(self, output_dict: dict[str, Any]) -> dict[str, Any]:
        """Adds `tokens` and `tags`, the label of each, without padding."""
        names = self.vocab.get_index_to_token_vocabulary(self._label_namespace)
        spelled = self.vocab.get_index_to_token_vocabulary(self._namespace)
        labels = output_dict["probs"].argmax(dim=-1)
        rows = list(zip(output_dict["token_ids"], labels, output_dict["mask"].bool()))
        return {
            **output_dict,
            "tokens": [[spelled[i] for i in ids[real].tolist()] for ids, _, real in rows],
            "tags": [
                [names.get(number, str(number)) for number in own[real].tolist()]
                for _, own, real in rows
            ],
        }

    def get_metrics(self, reset: bool = False) -> dict[str, float]:
        return {"accuracy": self._accuracy.get_metric(reset)}
