"""Dataset readers: texts and pairs with several labels or a number, a label for each word."""

from facade_allennlp.readers.labelled_pairs import NumberOfPairsReader, SeveralLabelsOfPairsReader
from facade_allennlp.readers.labelled_texts import NumberReader, SeveralLabelsReader
from facade_allennlp.readers.token_labels import TokenLabelsReader

__all__ = [
    "NumberOfPairsReader",
    "NumberReader",
    "SeveralLabelsOfPairsReader",
    "SeveralLabelsReader",
    "TokenLabelsReader",
]
