"""What a tokenizer leaves of a text."""

from allennlp.data import DatasetReader, Token, Tokenizer

from facade_allennlp.texts.reader_spellings import reader_parts, reader_spellings


class TokensLeft:
    """
    Tells texts of which a reader's tokenizers leave something from the others: control characters,
    `\\ufffd` and blanks are no token to some.

    >>> TokensLeft(reader).anything("a film"), TokensLeft(reader).anything("\\ufffd")
    (True, False)

    # Parameters

    reader : `DatasetReader`
    """

    def __init__(self, reader: DatasetReader) -> None:
        self._tokenizers = [tokenizer for _, tokenizer in reader_parts(reader, Tokenizer)]
        self._spellings = list(reader_spellings(reader).values())

    def anything(self, text: str) -> bool:
        """Whether a token of the text is left; taken for granted where no tokenizer is known."""
        tokens = [token for one in self._tokenizers for token in one.tokenize(text)]
        return not self._tokenizers or any(map(self._is_ordinary, tokens))

    def _is_ordinary(self, token: Token) -> bool:
        text = token.text or ""
        return all(
            text not in spelling.special and spelling.text(text) for spelling in self._spellings
        )
