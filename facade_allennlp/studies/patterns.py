"""The connections between tokens that speak most for a class."""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor


def strongest_pattern(
    layers: Sequence[Tensor], usable: Sequence[int], most: int = 2
) -> Optional[tuple[list[int], float]]:
    """
    Of the head with the largest attribution of a connection, its strongest connections (Hao, Dong,
    Wei, Xu, AAAI 2021, section on adversarial attack).

    # Parameters

    layers : `Sequence[Tensor]`
        For each layer the attribution of each head's attention, as in `Connections`, of one text.
        Each of shape (heads, tokens, tokens).
    usable : `Sequence[int]`
        The positions of the tokens that count, without special tokens. A token's connection to
        itself does not count.
    most : `int`
        How many connections.

    # Returns

    The positions of the tokens that they connect, in ascending order, and the largest attribution;
    `None` where no connection speaks for the class.
    """
    places = torch.tensor(list(usable), dtype=torch.long, device=layers[0].device)
    heads = torch.cat(list(layers))[:, places][:, :, places]  # a copy: (heads, usable, usable)
    heads.diagonal(dim1=-2, dim2=-1).fill_(-torch.inf)
    flat = heads.flatten(1)
    if not flat.numel() or float(flat.max()) <= 0:
        return None
    head = flat[int(flat.amax(dim=-1).argmax())]
    values, entries = head.topk(min(most, len(head)))
    ends = [divmod(int(entry), len(usable)) for entry, v in zip(entries, values) if v > 0]
    positions = {usable[place] for pair in ends for place in pair}
    return sorted(positions), float(values[0])
