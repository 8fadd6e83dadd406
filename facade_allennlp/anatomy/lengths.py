"""Texts that are longer than an encoder takes, refused where its model runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allennlp.common.checks import ConfigurationError
from torch import nn

from facade_allennlp.anatomy.encoder import usable_lengths


class LengthCheck:
    """
    A hook before an encoder's forward pass, which raises `ConfigurationError` for a text that has
    more tokens than the encoder has positions, where PyTorch would fail at an index.

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


class LengthChecks:
    """Those of a model, which has none of them yet or all for good."""

    def __init__(self, model: nn.Module) -> None:
        owner = type(model).__name__
        self._checks = [
            (encoder, LengthCheck(positions, owner)) for encoder, positions in usable_lengths(model)
        ]

    @property
    def positions(self) -> int | None:
        """The most tokens of a text that all encoders take; `None` where none has a limit."""
        return min((check.positions for _, check in self._checks), default=None)

    def install(self) -> list[Any]:
        """For good, or until the handles that it returns are removed."""
        return [
            encoder.register_forward_pre_hook(check, with_kwargs=True)
            for encoder, check in self._checks
            if not any(
                isinstance(hook, LengthCheck) for hook in encoder._forward_pre_hooks.values()
            )
        ]

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Within it alone, where they are not there for good."""
        handles = self.install()
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()
