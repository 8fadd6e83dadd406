"""Models that give each token a label (`...ForTokenClassification`)."""

from facade_allennlp.exchange.form import Form
from facade_allennlp.exchange.layout import (
    Layout,
    embedder_config,
    encoder_weights,
    labels_of,
    linear_head,
    linear_weights,
    reader_parts,
)
from facade_allennlp.exchange.original import Original

KIND = "token_labels"
"""The registered name of model and reader."""


class TokenForm(Form):
    """A text, and a label for each of its tokens."""

    def layout(self, original: Original) -> Layout:
        labels = labels_of(original)
        head = linear_head(original, "classifier", len(labels))
        weights = encoder_weights(original) | linear_weights("_classification_layer", head)
        model = {"type": KIND, "namespace": "tags", "text_field_embedder": embedder_config()}
        return Layout({"type": KIND, **reader_parts(self.length)}, model, weights, labels)
