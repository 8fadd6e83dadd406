"""A view of an archive as a model of LIT (Tenney et al. 2020), the interpretability tool."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy
import torch
from lit_nlp.api import model as lit_model
from lit_nlp.api import types

from facade_allennlp.exchange.view import TransformersView


class LitModel(lit_model.Model):
    """
    Tells LIT of tokens, of their embeddings and of the gradient of the predicted class's logit, for
    a text as it is or at other embeddings.

    # Parameters

    view : `TransformersView`
        Of a classifier of texts.
    """

    def __init__(self, view: TransformersView) -> None:
        self.view = view.eval()

    def input_spec(self) -> dict[str, Any]:
        return {
            "sentence": types.TextSegment(),
            "embeddings": types.TokenEmbeddings(align="tokens", required=False),
            "class": types.CategoryLabel(required=False),
        }

    def output_spec(self) -> dict[str, Any]:
        return {
            "tokens": types.Tokens(parent="sentence"),
            "embeddings": types.TokenEmbeddings(align="tokens"),
            "class": types.CategoryLabel(),
            "gradients": types.TokenGradients(
                align="tokens", grad_for="embeddings", grad_target_field_key="class"
            ),
        }

    def predict(self, inputs: Iterable[Any], **options: Any) -> Iterator[dict[str, Any]]:
        for given in inputs:
            encoded = self.view.tokenizer(given["sentence"], return_tensors="pt")
            with torch.no_grad():
                embedded = self.view.get_input_embeddings()(encoded["input_ids"])
            if given.get("embeddings") is not None:
                embedded = torch.from_numpy(numpy.asarray(given["embeddings"])[None]).to(embedded)
            embedded.requires_grad_()
            mask = encoded["attention_mask"]
            (logits,) = self.view(inputs_embeds=embedded, attention_mask=mask).logits
            label = int(logits.argmax()) if given.get("class") is None else given["class"]
            (slope,) = torch.autograd.grad(logits[label], embedded)
            yield {
                "tokens": self.view.tokenizer.convert_ids_to_tokens(encoded["input_ids"][0]),
                "embeddings": embedded[0].detach().numpy(),
                "class": label,
                "gradients": slope[0].numpy(),
            }
