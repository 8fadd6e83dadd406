import torch
from allennlp.nn import Initializer
from torch import Tensor

from facade_allennlp.number import number


@Initializer.register("shared_direction")
class SharedDirection(Initializer):
    """
    For the word embeddings of a facade: one random vector that all words share, and noise. A facade
    whose outputs hang on the shared part treats words that it never saw in training as all others,
    and the noise of SmoothGrad is small beside it.

    # Parameters

    norm : `float`, optional (default = `0.5`)
        Of the shared vector.
    std : `float`, optional (default = `0.02`)
        Standard deviation of the noise in each entry.

    # Raises

    `ConfigurationError` : one of them is negative, or no finite number.
    """

    def __init__(self, norm: float = 0.5, std: float = 0.02) -> None:
        self.norm = number("norm of the shared direction", norm, least=0)
        self.std = number("std of the noise", std, least=0)

    def __call__(self, tensor: Tensor, **kwargs: object) -> None:
        """Fills a table of embeddings, shape: (words, features), in place."""
        direction = torch.randn(tensor.shape[-1])
        direction *= self.norm / direction.norm()
        with torch.no_grad():
            tensor.normal_(std=self.std)
            tensor += direction.to(tensor)
