"""One input explained for people: its words, the explained class, the scores of each method."""

from facade_allennlp.explanations.explanation import Explanation, MethodScores, explain

__all__ = ["Explanation", "MethodScores", "explain"]
