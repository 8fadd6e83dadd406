"""How far token scores say what a prediction depends on: predictions on texts without tokens."""

from facade_allennlp.faithfulness.erasure import Erasure, erasures
from facade_allennlp.faithfulness.faithfulness import Faithfulness
from facade_allennlp.faithfulness.rank_correlation import rank_correlations

__all__ = ["Erasure", "Faithfulness", "erasures", "rank_correlations"]
