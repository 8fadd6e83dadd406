"""What an explanation costs at the least: the passes themselves, written out."""

from typing import Any

import torch
from torch.nn.functional import cross_entropy

from benchmarks.setting import Setting


def forward_and_backward(setting: Setting) -> None:
    """The gradient of the loss on the prediction, for each batch."""
    model: Any = setting.predictive
    for batch in setting.batches:
        tensors = batch["tokens"]["tokens"]
        embeddings, hidden = encoded(model, tensors)
        pooled = model._seq2vec_encoder(hidden, mask=tensors["mask"])
        logits = model._classification_layer(pooled)
        loss = cross_entropy(logits, logits.argmax(dim=-1), reduction="sum")
        torch.autograd.grad(loss, embeddings)


def encoded(model: Any, tensors: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Word embeddings that gradients are taken of, and the encoder's output; by hand."""
    transformer = transformer_of(model)
    embeddings = transformer.embeddings.word_embeddings(tensors["token_ids"]).detach()
    embeddings.requires_grad_()
    output = transformer(inputs_embeds=embeddings, attention_mask=tensors["mask"].float())
    return embeddings, output.last_hidden_state


def transformer_of(model: Any) -> Any:
    return model._text_field_embedder.token_embedder_tokens.transformer_model
