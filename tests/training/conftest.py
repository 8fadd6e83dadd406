import multiprocessing
from functools import partial

import pytest
import torch.multiprocessing
from torch.multiprocessing.spawn import start_processes


@pytest.fixture
def forked_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Workers of a distributed training come from one process that has imported everything, once for
    all tests, where AllenNLP lets each of them import it anew.
    """
    method = "forkserver"
    multiprocessing.get_context(method).set_forkserver_preload(
        ["fixtures.preloaded", "allennlp.commands.train"]
    )
    forked = partial(start_processes, start_method=method)
    monkeypatch.setattr(torch.multiprocessing, "spawn", forked)
