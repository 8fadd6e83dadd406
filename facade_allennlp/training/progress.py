"""What a training under `facade` prints."""

import logging
import warnings
from collections.abc import Mapping
from typing import Any

from allennlp.common.tqdm import Tqdm
from allennlp.data import vocabulary
from allennlp.training import gradient_descent_trainer

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


class _NoBar(Tqdm):
    @staticmethod
    def tqdm(*args: Any, **kwargs: Any) -> Any:
        return Tqdm.tqdm(*args, **{**kwargs, "disable": True})


def print_progress_alone() -> None:
    """
    From now on a training in this process prints how far it is, and no bar of its vocabulary, no
    word on `patience`, which many configs do without, and no warning of a library.
    """
    vocabulary.Tqdm = _NoBar
    logging.getLogger(gradient_descent_trainer.__name__).addFilter(_is_not_of_patience)
    warnings.filterwarnings("ignore")


def _is_not_of_patience(record: logging.LogRecord) -> bool:
    return "patience was set to None" not in record.getMessage()
