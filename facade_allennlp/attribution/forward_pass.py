"""What one forward pass of an explained model gives."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from facade_allennlp.tasks import ModelOutput, Task


@dataclass
class EmbeddedField:
    """
    One text field as the embedding layer saw it.

    # Parameters

    name : `str`
        Of the text field in the model's input.
    ids : `Tensor`
        Token ids. Shape: (rows, tokens).
    namespace : `str`
        Of those ids in the vocabulary.
    mask : `Tensor`
        True for real tokens, special tokens among them. Shape: (rows, tokens).
    embeddings : `Tensor`
        What the embedding layer returned. Shape: (rows, tokens, features).
    perturbed : `Tensor`
        What the model went on with; gradients are taken with respect to it. Same shape.
    """

    name: str
    ids: Tensor
    namespace: str
    mask: Tensor
    embeddings: Tensor
    perturbed: Tensor

    def of_rows(self, rows: slice) -> "EmbeddedField":
        """The same of some rows."""
        tensors = (self.mask, self.embeddings, self.perturbed)
        mask, embeddings, perturbed = (tensor[rows] for tensor in tensors)
        return EmbeddedField(self.name, self.ids[rows], self.namespace, mask, embeddings, perturbed)


@dataclass
class ForwardPass(ModelOutput):
    """
    What one forward pass gave: the model's output, the embedded fields in the order of embedding,
    and the task that tells what the output means.
    """

    fields: list[EmbeddedField]
    task: Task

    def predictions(self) -> list[Tensor]:
        """What the model decides, for each output. Each of shape (rows, ...)."""
        return self.task.choose(self)

    def alternatives(self) -> list[Tensor]:
        """What is decided between, for each output; see `Task.alternatives`."""
        return self.task.alternatives(self)


def single(values: Tensor) -> Tensor:
    """In single precision at least: mixed precision gives logits and gradients in half."""
    return values.to(torch.promote_types(values.dtype, torch.float32))


@contextmanager
def differentiable_kernels(twice: bool) -> Iterator[None]:
    """
    cuDNN's recurrent layers have no backward pass in evaluation mode, and the fused attention
    kernels have no second one.
    """
    with ExitStack() as stack:
        stack.enter_context(torch.backends.cudnn.flags(enabled=False))
        if twice:
            stack.enter_context(sdpa_kernel(SDPBackend.MATH))
        yield
