"""Commands that serve a page, in processes of their own."""

import os
import re
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS_TO_START = 180


@contextmanager
def listening(*command: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """The port of a `facade` command, and its process, which is ended afterwards at the latest."""
    process = subprocess.Popen(
        [sys.executable, "-m", "facade_allennlp", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "ALLENNLP_LOG_LEVEL": "WARNING"},
    )
    try:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], SECONDS_TO_START)[0], "it did not start"
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found, process.communicate(timeout=30)[1]
        yield int(found[1]), process
    finally:
        process.kill()
        process.communicate(timeout=30)
