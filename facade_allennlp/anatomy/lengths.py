"""Texts that are longer than an encoder takes, refused wherever its model runs."""

from typing import Any

from allennlp.common.checks import ConfigurationError
from torch import nn

from facade_allennlp.anatomy.encoder import usable_lengths


class LengthCheck:
    """
    A hook before an encoder's forward pass.

    # Parameters

    positions : `int`
        The most tokens of a text that the encoder takes.
    owner : `str`
        The name of the model's class, for messages.
    """

    def __init__(self, positions: int, owner: str) -> None:
        self.positions = positions
        self.owner = owner

    def __call__(self, encoder: nn.Module, args: tuple, kwargs: dict[str, Any]) -> None:
        ids = args[0] if args else kwargs.get("input_ids")
        length = 0 if ids is None else ids.shape[-1]
        if length > self.positions:
            raise ConfigurationError(
                f"a text is {length} tokens long, but the encoder of {self.owner} "
                f"({type(encoder).__name__}) has only {self.positions} positions: shorten texts "
                "with the tokenizer's max_length"
            )


def refuse_longer_texts(model: nn.Module) -> None:
    """
    From now on the model raises `ConfigurationError` for a text that has more tokens than one of
    its encoders has positions, where PyTorch would fail at an index. Idempotent.
    """
    for encoder, positions in usable_lengths(model):
        hooks = encoder._forward_pre_hooks.values()
        if not any(isinstance(hook, LengthCheck) for hook in hooks):
            check = LengthCheck(positions, type(model).__name__)
            encoder.register_forward_pre_hook(check, with_kwargs=True)
