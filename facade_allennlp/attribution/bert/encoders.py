"""Finds the BERTs inside a model."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Union

from allennlp.common.checks import ConfigurationError
from torch import nn
from transformers.models.bert.modeling_bert import BertModel

from facade_allennlp.attribution.explained_model import ExplainedModel


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


Hook = Callable[..., Any]


@contextmanager
def hooked(
    modules: Iterable[nn.Module], kinds: Union[type, tuple[type, ...]], hook: Hook
) -> Iterator[None]:
    """
    Runs `hook(module, args, output)` after every module of some kinds, before any other hook; what
    it returns is the module's output.
    """
    with ExitStack() as handles:
        for module in modules:
            if isinstance(module, kinds):
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
