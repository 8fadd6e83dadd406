"""Errors that are the user's to mend: one sentence, no traceback."""

import functools
import logging
import sys
from collections.abc import Callable
from typing import Any

from allennlp.common.util import SigTermReceived
from torch.multiprocessing import ProcessExitedException

from facade_allennlp.errors import describe, is_users


def one_sentence(
    run: Callable[..., Any], when_interrupted: str = "interrupted"
) -> Callable[..., Any]:
    """
    Turns a `ConfigurationError`, an error of the file system, or the end of a process of a
    distributed training into a message and exit status 2.
    """

    @functools.wraps(run)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except ProcessExitedException as error:
            kept = "what was saved is kept: the same command with --recover goes on from there"
            print(f"error: {describe(error)}; {kept}", file=sys.stderr)
            sys.exit(2)
        except (KeyboardInterrupt, SigTermReceived):
            print(when_interrupted, file=sys.stderr)
            sys.exit(130)
        except Exception as error:
            if not isinstance(error, OSError) and not is_users(error):
                raise
            print(f"error: {describe(error)}", file=sys.stderr)
            sys.exit(2)

    return guarded


def quiet() -> None:
    """AllenNLP logs every constructor at INFO; a command that prints a result does without."""
    for name in ("allennlp", "cached_path", "transformers", "root"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of each question that it is asked outside AllenNLP's interpreters.
    logging.getLogger("allennlp_models.rc.predictors.transformer_qa").setLevel(logging.ERROR)
