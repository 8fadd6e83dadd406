import torch
from torch import Tensor

from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.gradient_method import GradientMethod
from facade_allennlp.attribution.path import MOST_POINTS
from facade_allennlp.number import number, seed_of


@AttributionMethod.register("smooth_gradient")
class SmoothGradient(GradientMethod):
    """
    SmoothGrad (Smilkov et al. 2017): the mean gradient over inputs with Gaussian noise, times
    input.

    The noise of a sample is a fixed function of the seed and the token's place, so that scores do
    not depend on how inputs are batched.

    # Parameters

    samples : `int`, optional (default = `10`)
    stdev : `float`, optional (default = `0.01`)
        Standard deviation of the noise, as a share of the range (largest minus smallest entry) of
        the embeddings of the input's real tokens.
    seed : `int`, optional (default = `0`)

    # Raises

    `ConfigurationError` : fewer than one sample; a negative deviation or seed.
    """

    title = "SmoothGrad"

    def __init__(self, samples: int = 10, stdev: float = 0.01, seed: int = 0) -> None:
        number("samples of smooth_gradient", samples, least=1, most=MOST_POINTS, whole=True)
        self.stdev = number("stdev of smooth_gradient", stdev, least=0)
        self.seed = seed_of("smooth_gradient", seed)
        self.weights = [1 / samples] * samples
        self._noise: dict[tuple[int, int], Tensor] = {}

    def perturb(
        self, embeddings: Tensor, mask: Tensor, points: Tensor, reference: Tensor
    ) -> Tensor:
        scale = self.stdev * embedding_range(embeddings.detach(), mask)
        _, tokens, features = embeddings.shape
        noise = torch.stack([self._sample(point, features, tokens) for point in points.tolist()])
        return embeddings + scale.view(-1, 1, 1) * noise.to(embeddings)

    def surrogate(self) -> "SmoothGradient":
        seed = int(torch.randint(2**31, ()))
        return SmoothGradient(samples=1, stdev=self.stdev, seed=seed)

    def _sample(self, point: int, features: int, tokens: int) -> Tensor:
        """Standard normal noise of one sample. Shape: (tokens, features)."""
        key = (point, features)
        held = self._noise.get(key)
        if held is None or len(held) < tokens:
            generator = torch.Generator().manual_seed(self.seed * 100_003 + point)
            # One draw per token, so that a longer text begins with the noise of a shorter one.
            room = max(64, 2 ** (tokens - 1).bit_length())
            held = torch.stack([torch.randn(features, generator=generator) for _ in range(room)])
            self._noise[key] = held
        return held[:tokens]


def embedding_range(embeddings: Tensor, mask: Tensor) -> Tensor:
    """Largest minus smallest entry over the real tokens of each row. Shape: (rows,)."""
    hidden = ~mask.unsqueeze(-1)
    largest = embeddings.masked_fill(hidden, -torch.inf).amax(dim=(1, 2))
    smallest = embeddings.masked_fill(hidden, torch.inf).amin(dim=(1, 2))
    return largest - smallest
