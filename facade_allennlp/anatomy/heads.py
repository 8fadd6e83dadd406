"""How families of encoders get from the vectors of a text's tokens to the logits of the text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Optional


@dataclass(frozen=True)
class TextHead:
    """
    The head of a transformers model for sequence classification, as data: one token's vector, a
    linear layer with an activation, and a linear layer for the logits.

    # Parameters

    output : `str`
        Where the last linear layer is, as a path below the model.
    dense : `str`, optional (default = `None`)
        Where the linear layer before it is, if there is one.
    activation : `str`, optional (default = `"tanh"`)
        The name that AllenNLP and transformers have for the function behind `dense`.
    reads_last : `bool`, optional (default = `False`)
        Whether the vector is that of the last token, not of the first.
    usual : `Mapping[str, Any]`, optional (default = none)
        Entries of the config, with the values under which the head computes what is said here.
    """

    output: str
    dense: Optional[str] = None
    activation: str = "tanh"
    reads_last: bool = False
    usual: Mapping[str, Any] = field(default_factory=dict)


_DENSE_AND_TANH = TextHead("classifier.out_proj", "classifier.dense")
_CONTEXT = TextHead(
    "classifier", "pooler.dense", activation="gelu", usual={"pooler_hidden_act": "gelu"}
)

TEXT_HEADS: dict[str, TextHead] = {
    "AlbertForSequenceClassification": TextHead("classifier", "albert.pooler"),
    "BertForSequenceClassification": TextHead("classifier", "bert.pooler.dense"),
    "CamembertForSequenceClassification": _DENSE_AND_TANH,
    "DebertaForSequenceClassification": _CONTEXT,
    "DebertaV2ForSequenceClassification": _CONTEXT,
    "DistilBertForSequenceClassification": TextHead(
        "classifier", "pre_classifier", activation="relu"
    ),
    "ElectraForSequenceClassification": TextHead(
        "classifier.out_proj", "classifier.dense", activation="gelu"
    ),
    "GPT2ForSequenceClassification": TextHead("score", reads_last=True),
    "MPNetForSequenceClassification": _DENSE_AND_TANH,
    "RobertaForSequenceClassification": _DENSE_AND_TANH,
    "XLMRobertaForSequenceClassification": _DENSE_AND_TANH,
    "XLNetForSequenceClassification": TextHead(
        "logits_proj",
        "sequence_summary.summary",
        reads_last=True,
        usual={
            "summary_type": "last",
            "summary_use_proj": True,
            "summary_activation": "tanh",
        },
    ),
}
"""By the name of the model's class."""
