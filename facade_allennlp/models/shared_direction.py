import torch
from allennlp.nn import Initializer
from torch import Tensor


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
    """

    def __init__(self, norm: float = 0.5, std: float = 0.02) -> None:
        self.norm = norm
        self.std = std

    def __call__(self, tensor: Tensor, **kwargs: object) -> None:
        """Fills a table of embeddings, shape: (words, features), in place."""
        direction = torch.randn(tensor.shape[-1])
        direction *= self.norm / direction.norm()
        with torch.no_grad():
            tensor.normal_(std=self.std)
            tensor += direction.to(tensor)
