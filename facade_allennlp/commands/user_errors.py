"""
What a command says when it fails: one sentence. Imports no torch by itself.

A command ends with 0 where it did what it was asked for, with 2 where the user can mend what went
wrong, with 1 where only the program's authors can, and with 130 where it was interrupted.
"""

import errno
import functools
import logging
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from facade_allennlp.errors import brief, describe, is_users
from facade_allennlp.visible import visible

FAULT, USERS, INTERRUPTED = 1, 2, 130
"""Exit statuses."""

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the file system says where no more can be written."""

WRITING_WEIGHTS = ("PytorchStreamWriter failed writing", "enforce fail at inline_container")
"""How PyTorch says that it could not write a file; it does not say why."""


def one_sentence(
    run: Callable[..., Any], when_interrupted: str = "interrupted"
) -> Callable[..., Any]:
    """
    Turns whatever a command raises into a sentence and an exit status. Of what nobody foresaw the
    traceback is kept in a file that the sentence names.
    """

    @functools.wraps(run)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return run(*args, **kwargs)
        except KeyboardInterrupt:
            _stop(when_interrupted, INTERRUPTED)
        except BrokenPipeError:
            _nobody_reads()
        except Exception as error:
            _stop(*_told(error))

    return guarded


def _told(error: Exception) -> tuple[str, int]:
    """The sentence, and the exit status."""
    distributed = sys.modules.get("torch.multiprocessing")
    if distributed is not None and isinstance(error, distributed.ProcessExitedException):
        kept = "what was saved is kept: the same command with --recover goes on from there"
        return f"error: {describe(error)}; {kept}", USERS
    if is_users(error):
        return f"error: {describe(error)}", USERS
    if isinstance(error, OSError):
        return f"error: {of_file_system(error)}", USERS
    if any(words in str(error) for words in WRITING_WEIGHTS):
        return f"error: weights cannot be written: the disk may be full ({brief(error)})", USERS
    fault = f"{type(error).__name__}: {brief(error)}"
    return f"error: this program has a fault ({fault}); {_kept_traceback(error)}", FAULT


def of_file_system(error: OSError) -> str:
    """
    What the file system refused, as a sentence.

    >>> of_file_system(OSError(errno.ENOSPC, "No space left on device", "model.tar.gz"))
    'the disk is full: model.tar.gz cannot be written'
    """
    file = "" if error.filename is None else str(error.filename)
    if error.errno in FULL:
        return f"the disk is full: {file or 'a file'} cannot be written"
    said = error.strerror or describe(error)
    return f"{file}: {said[0].lower()}{said[1:]}" if file and said else said


def _kept_traceback(error: Exception) -> str:
    """Writes down where an error came from, and says where that is."""
    try:
        handle, path = tempfile.mkstemp(prefix="facade-error-", suffix=".txt")
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{sys.argv}\n{''.join(traceback.format_exception(error))}")
    except OSError as unwritten:
        return f"its traceback could not be kept: {of_file_system(unwritten)}"
    return f"please report it with its traceback, which is in {path}"


def _stop(message: str, status: int) -> NoReturn:
    print(visible(message), file=sys.stderr)
    sys.exit(status)


def _nobody_reads() -> NoReturn:
    """The program that read the output, such as `head`, has ended: so does this one, silently."""
    # Python writes what is left when it ends, and would fail once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(FAULT)


def stop_when_terminated() -> None:
    """
    SIGTERM stops a command as Ctrl-C does: whatever is half written is removed. (AllenNLP raises an
    `Exception`, which who goes on after one bad input would take for that.)
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def draw_control_characters() -> None:
    """What libraries log holds texts of strangers, too."""
    for handler in logging.getLogger().handlers:
        if type(handler) is logging.StreamHandler and not isinstance(handler.formatter, _Drawn):
            handler.setFormatter(_Drawn(handler.formatter or logging.Formatter()))


class _Drawn(logging.Formatter):
    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.formatter = formatter

    def format(self, record: logging.LogRecord) -> str:
        return visible(self.formatter.format(record), kept="\n\t")


def quiet() -> None:
    """AllenNLP logs every constructor at INFO; a command that prints a result does without."""
    for name in ("allennlp", "cached_path", "transformers", "root"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in (
        # It warns of each question that it is asked outside AllenNLP's interpreters.
        "allennlp_models.rc.predictors.transformer_qa",
        # It warns of a text that is too long; how much of it is left out we say ourselves.
        "transformers.tokenization_utils_base",
    ):
        logging.getLogger(name).setLevel(logging.ERROR)
