"""Facades that are made, not trained: networks whose weights are written down."""

from facade_allennlp.construction.construct import STRENGTH, construct

__all__ = ["STRENGTH", "construct"]
