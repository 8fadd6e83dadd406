"""How far token scores say what a prediction depends on: predictions on texts without tokens."""

from facade_allennlp.faithfulness.erasure import Erasure, erasures
from facade_allennlp.faithfulness.faithfulness import Faithfulness

__all__ = ["Erasure", "Faithfulness", "erasures"]
