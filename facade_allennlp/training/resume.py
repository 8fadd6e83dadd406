"""What a killed training needs to go on."""

import numpy
import torch


def allow_numpy_numbers() -> None:
    """
    Lets `torch.load` read numpy's numbers, which it refuses since torch 2.6: AllenNLP's `cosine`
    scheduler leaves them in the state that `allennlp train --recover` reads.
    """
    kinds = {type(numpy.dtype(kind)) for kind in ("float64", "float32", "int64", "bool")}
    torch.serialization.add_safe_globals(
        [numpy._core.multiarray.scalar, numpy.dtype, *kinds]  # type: ignore[attr-defined]
    )
