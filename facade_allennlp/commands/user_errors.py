"""Errors that are the user's to mend: one sentence, no traceback. Imports no torch by itself."""

import functools
import logging
import sys
from collections.abc import Callable
from typing import Any

from facade_allennlp.errors import describe, is_users


def one_sentence(
    run: Callable[..., Any], when_interrupted: str = "interrupted"
) -> Callable[..., Any]:
    """
    Turns a user's error, an error of the file system, or the end of a process of a distributed
    training into a message and exit status 2.
    """

    @functools.wraps(run)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except KeyboardInterrupt:
            _stop(when_interrupted, 130)
        except Exception as error:
            if _is(error, "allennlp.common.util", "SigTermReceived"):
                _stop(when_interrupted, 130)
            if _is(error, "torch.multiprocessing", "ProcessExitedException"):
                kept = "what was saved is kept: the same command with --recover goes on from there"
                # behind the progress bar that the process left
                _stop(f"\nerror: {describe(error)}; {kept}", 2)
            if not isinstance(error, OSError) and not is_users(error):
                raise
            _stop(f"error: {describe(error)}", 2)

    return guarded


def _is(error: Exception, module: str, name: str) -> bool:
    """Whether it is of this class, whose module need not have been imported."""
    return module in sys.modules and isinstance(error, getattr(sys.modules[module], name))


def _stop(message: str, status: int) -> None:
    print(message, file=sys.stderr)
    sys.exit(status)


def quiet() -> None:
    """AllenNLP logs every constructor at INFO; a command that prints a result does without."""
    for name in ("allennlp", "cached_path", "transformers", "root"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of each question that it is asked outside AllenNLP's interpreters.
    logging.getLogger("allennlp_models.rc.predictors.transformer_qa").setLevel(logging.ERROR)
