"""What the progress bar of a training under `facade` tells."""

from collections.abc import Mapping

MOST = 4
LONGEST = 12
LEFT_OUT = ("batch_loss", "batch_reg_loss", "reg_loss")


def short_description(metrics: Mapping[str, float]) -> str:
    """
    The first few metrics that have a short name; `metrics.json` has them all.

    >>> short_description({"accuracy": 0.5, "gradient_beside_rival": 0.1, "loss": 1.25})
    'accuracy: 0.500, loss: 1.250 ||'
    """
    names = [
        name
        for name in metrics
        if len(name) <= LONGEST and name not in LEFT_OUT and not name.startswith("_")
    ]
    return ", ".join(f"{name}: {metrics[name]:.3f}" for name in names[:MOST]) + " ||"
