"""What one forward pass of an explained model gives."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn
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


Perturbation = Callable[[EmbeddedField], Tensor]
"""From what the embedding layer gave to what the model goes on with, of the same shape."""


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

    def check_finite(self) -> None:
        """
        # Raises

        `ConfigurationError` : a logit is not finite, so that there is no decision to explain.
        """
        for name, logits in zip(self.names, self.logits):
            if not bool(torch.isfinite(logits).all()):
                raise ConfigurationError(
                    f"the model gives {name} that are not finite (NaN or infinite), so that it "
                    "decides nothing: look at its weights"
                )

    def alternatives(self) -> list[Tensor]:
        """What is decided between, for each output; see `Task.alternatives`."""
        return self.task.alternatives(self)


def model_output(
    model: nn.Module,
    outputs: dict[str, Any],
    names: Sequence[str],
    fields: Sequence[EmbeddedField],
) -> ModelOutput:
    """
    What a model gave, with its logits.

    # Parameters

    names : `Sequence[str]`
        Of the outputs that hold logits; where there are none, all are taken that end in `logits`.

    # Raises

    `ConfigurationError` : it gave no such output.
    """
    found = tuple(names) or tuple(
        name for name, value in outputs.items() if name.endswith("logits") and value is not None
    )
    missing = [name for name in found if name not in outputs]
    if missing or not found:
        raise ConfigurationError(
            f"{type(model).__name__} returns {sorted(outputs)}; "
            + (f"{missing} is not among them" if missing else "none of them ends in 'logits'")
            + ": name its logits with --logits"
        )
    return ModelOutput(found, [single(outputs[name]) for name in found], outputs, fields)


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
