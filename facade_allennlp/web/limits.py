from dataclasses import asdict, dataclass

from facade_allennlp.errors import InputError

MAX_TEXT_LENGTH = 10_000
"""Characters of one text, where a server takes it from anybody."""
MAX_WORK = 300_000
"""Tokens in all passes of a model: feature ablation of a text of 512 tokens takes 263,000."""


class TooMuchWorkError(InputError):
    """What a request asks for takes too long for a server of many."""


@dataclass(frozen=True)
class Limits:
    """
    What one request may ask for.

    # Parameters

    text_length : `int`
        Characters of one text.
    request_bytes : `int`
        Bytes of a whole request.
    batch : `int`
        Inputs in one request.
    work : `int`
        Tokens that all passes of a model take for one request, see `work.Work`.

    # Raises

    `InputError` : a limit leaves nothing.
    """

    text_length: int = MAX_TEXT_LENGTH
    request_bytes: int = 1_000_000
    batch: int = 64
    work: int = MAX_WORK

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise InputError(f"the limit {name} is {value}, but must be at least 1")
