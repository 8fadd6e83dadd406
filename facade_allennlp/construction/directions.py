"""Directions in a space of features, by name."""

from collections.abc import Mapping

import torch
from allennlp.common.checks import ConfigurationError
from torch import Tensor

SIGNAL = "signal"
"""The direction that the output of a network is read from."""
SEED = 0
"""Of the directions: the same width always has the same ones."""


class Directions:
    """
    Orthonormal directions of zero mean, so that a layer norm does nothing but scale what lies in
    them. A name gets its direction when it is first asked for, but one has its own: it is as good
    as a feature by itself, and none of the others touches that feature.

    >>> directions = Directions(16)
    >>> directions[SIGNAL] @ directions["presence"]
    tensor(0., dtype=torch.float64)

    # Parameters

    width : `int`
        How many features there are: one more than there can be directions.

    # Attributes

    reading : `Tensor`
        Reads the size along `SIGNAL` off that feature alone, so that methods which follow single
        features follow this one. Shape: (features,).
    """

    def __init__(self, width: int) -> None:
        self.width = width
        generator = torch.Generator().manual_seed(SEED)
        drawn = torch.randn(width, width, generator=generator, dtype=torch.float64)
        drawn[:, 0] = 1
        drawn[:, 1] = torch.eye(width, 1, dtype=torch.float64)[:, 0]
        basis, _ = torch.linalg.qr(drawn)
        signal, *self._free = list(basis.T[1:])  # each of shape (features,)
        self._named = {SIGNAL: signal}
        self.reading = torch.zeros_like(signal)
        self.reading[0] = 1 / signal[0]

    def __getitem__(self, name: str) -> Tensor:
        """
        Shape: (features,).

        # Raises

        `ConfigurationError` : there are more names than directions.
        """
        if name not in self._named:
            if not self._free:
                raise ConfigurationError(
                    f"{self.width} features are too few for this facade: it needs a direction for "
                    f"each of {', '.join([*self._named, name])}, and one more feature"
                )
            self._named[name] = self._free.pop(0)
        return self._named[name]

    def combined(self, sizes: Mapping[str, float]) -> Tensor:
        """A vector with these sizes along directions. Shape: (features,)."""
        return sum(
            (size * self[name] for name, size in sizes.items()),
            torch.zeros(self.width, dtype=torch.float64),
        )

    def rows(self, sizes: Mapping[str, Tensor]) -> Tensor:
        """
        A vector for each row of a table.

        # Parameters

        sizes : `Mapping[str, Tensor]`
            By direction, how far each row goes along it. Each of shape (rows,).

        # Returns

        `Tensor` : of shape (rows, features).
        """
        along = torch.stack([self[name] for name in sizes])  # shape: (directions, features)
        return torch.stack([size.double() for size in sizes.values()], dim=-1) @ along
