"""The processes of a training under `facade`."""

from functools import partial
from typing import Any, Optional

from allennlp.commands import train
from allennlp.models import Model
from allennlp.training import util as training_util

from facade_allennlp.archives import trusting
from facade_allennlp.quick_start import load_allennlp
from facade_allennlp.training.progress import print_progress_alone, short_description

_train_worker = train._train_worker


def train_worker(verbose: bool, trust: bool, *args: Any, **kwargs: Any) -> Optional[Model]:
    """
    AllenNLP's, in a process that registers all that `facade` does. AllenNLP would load what its
    plugin files name, which need not name this package, and all of allennlp-models. Its progress
    bar tells few metrics.

    # Parameters

    verbose : `bool`
        Whether AllenNLP prints more than its progress.
    trust : `bool`
        Whether archives that the config names are trusted.
    """
    load_allennlp()
    train.import_plugins = lambda: None
    training_util.description_from_metrics = short_description
    if not verbose:
        print_progress_alone()
    with trusting(trust):
        trained: Optional[Model] = _train_worker(*args, **kwargs)
    return trained


def take_place(verbose: bool, trust: bool = False) -> None:
    """From now on AllenNLP's `train` command starts these."""
    train._train_worker = partial(train_worker, verbose, trust)
    if not verbose:
        print_progress_alone()
