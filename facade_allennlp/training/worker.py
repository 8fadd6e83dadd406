"""The processes of a distributed training under `facade`."""

from typing import Any, Optional

from allennlp.commands import train
from allennlp.models import Model
from allennlp.training import util as training_util

from facade_allennlp.quick_start import load_allennlp
from facade_allennlp.training.progress import short_description

_train_worker = train._train_worker


def train_worker(*args: Any, **kwargs: Any) -> Optional[Model]:
    """
    AllenNLP's, in a process that registers all that `facade` does. AllenNLP would load what its
    plugin files name, which need not name this package, and all of allennlp-models. Its progress
    bar tells few metrics.
    """
    load_allennlp()
    train.import_plugins = lambda: None
    training_util.description_from_metrics = short_description
    trained: Optional[Model] = _train_worker(*args, **kwargs)
    return trained


def take_place() -> None:
    """From now on AllenNLP's `train` command starts these."""
    train._train_worker = train_worker
