"""An analysis of which a worker dies, once."""

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Optional

from facade_allennlp.analysis import Analysis, MeasuredBatch
from facade_allennlp.results.record import Record


@Analysis.register("lethal")
class Lethal(Analysis):
    """
    Ends the process that measures an input for the first time, and fails on another.

    # Parameters

    ended : `str`
        A file, which is made before the process ends; where it is there, none does.
    lethal, faulty : `int`
        The numbers of the inputs.
    """

    def __init__(self, ended: str, lethal: int, faulty: int) -> None:
        self.ended = Path(ended)
        self.lethal = lethal
        self.faulty = faulty

    def measure(self, batch: MeasuredBatch) -> Sequence[int]:
        if self.lethal in batch.indices and not self.ended.exists():
            self.ended.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if self.faulty in batch.indices:
            raise AttributeError("a fault")
        return list(batch.indices)

    def summarize(
        self,
        rows: Sequence[Any],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> int:
        return sum(rows)
