"""Finds the BERTs and other layers inside a model, and changes what layers do for a while."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from allennlp.common.checks import ConfigurationError
from torch import nn
from transformers.activations import ACT2CLS
from transformers.models.bert.modeling_bert import BertModel

from facade_allennlp.attribution.explained_model import ExplainedModel

ACTIVATIONS: tuple[type[nn.Module], ...] = (
    nn.ELU,
    nn.GELU,
    nn.LeakyReLU,
    nn.Softplus,
    *{known[0] if isinstance(known, tuple) else known for known in ACT2CLS.values()},
)


def bert_encoders(model: ExplainedModel, method: str) -> list[BertModel]:
    """
    The BERTs of a model in the order in which it holds them: one, or with the storage `logits` that
    of the predictive and that of the facade model.

    # Parameters

    method : `str`
        Who asks, for the message.

    # Raises

    `ConfigurationError` : there is none.
    """
    found = [module for module in model.model.modules() if isinstance(module, BertModel)]
    if not found:
        raise ConfigurationError(
            f"{method} looks inside a BERT, but {type(model.model).__name__} has none; methods for "
            "any model are gradient, smooth_gradient and integrated_gradients"
        )
    return found


def activations(model: ExplainedModel) -> list[nn.Module]:
    """The modules that apply a function to each feature by itself."""
    return [module for module in model.model.modules() if isinstance(module, ACTIVATIONS)]


def refuse_recurrent(model: ExplainedModel, method: str) -> None:
    """
    # Raises

    `ConfigurationError` : a part of the model is a recurrent network.
    """
    for module in model.model.modules():
        if isinstance(module, nn.RNNBase):
            raise ConfigurationError(
                f"{method} has no rule for a {type(module).__name__}, which is a part of "
                f"{type(model.model).__name__}; methods for any model are gradient, "
                "smooth_gradient and integrated_gradients"
            )


@contextmanager
def hooked(modules: Iterable[nn.Module], hook: Callable[..., Any]) -> Iterator[None]:
    """
    Runs `hook(module, args, output)` after each of the modules, before any other hook; what it
    returns, if anything, is the module's output.
    """
    with ExitStack() as handles:
        for module in modules:
            handles.callback(module.register_forward_hook(hook, prepend=True).remove)
        yield


@contextmanager
def shadowed(forwards: Iterable[tuple[nn.Module, Callable[..., Any]]]) -> Iterator[None]:
    """Within it modules compute something else: for each the function that takes its place."""
    with ExitStack() as stack:
        for module, forward in forwards:
            module.forward = forward  # shadows the method of the class
            stack.callback(delattr, module, "forward")
        yield
