"""Dataset readers: texts with several labels, with a number, with a label for each word."""

from facade_allennlp.readers.labelled_texts import NumberReader, SeveralLabelsReader
from facade_allennlp.readers.token_labels import TokenLabelsReader

__all__ = ["NumberReader", "SeveralLabelsReader", "TokenLabelsReader"]
