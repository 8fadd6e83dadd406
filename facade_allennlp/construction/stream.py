"""How large things are in the hidden states of a network whose norms do nothing but scale."""

import math


class Stream:
    """
    Follows a token from layer to layer: all that its embedding holds shrinks and grows by one
    factor, and so does all that was added later. Tokens are alike in all sizes, so that what holds
    for one holds for all.

    # Parameters

    width : `int`
        How many features there are.
    length : `float`
        That of the embedding of a token.

    # Attributes

    scale : `float`
        By how much the parts of the embedding are larger than they were.
    last : `float`
        By how much the last norm made everything larger.
    """

    def __init__(self, width: int, length: float) -> None:
        self.width = width
        self.length = length
        self.scale = self.last = 1.0
        self._added: dict[str, float] = {}

    def add(self, name: str, size: float) -> None:
        """Something along a direction of its own."""
        self._added[name] = self._added.get(name, 0.0) + size

    def size(self, name: str) -> float:
        """How large by now what was added under a name is."""
        return self._added[name]

    def normalize(self, epsilon: float) -> None:
        """What a layer norm of weight 1 does to features of zero mean."""
        squares = (self.length * self.scale) ** 2 + sum(v**2 for v in self._added.values())
        factor = 1 / math.sqrt(squares / self.width + epsilon)
        self.scale *= factor
        for name in self._added:
            self._added[name] *= factor
        self.last = factor
