from dataclasses import asdict, dataclass

from facade_allennlp.errors import InputError

MAX_TEXT_LENGTH = 10_000
"""Characters of one text, where a server takes it from anybody."""


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

    # Raises

    `InputError` : a limit leaves nothing.
    """

    text_length: int = MAX_TEXT_LENGTH
    request_bytes: int = 1_000_000
    batch: int = 64

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if value < 1:
                raise InputError(f"the limit {name} is {value}, but must be at least 1")
