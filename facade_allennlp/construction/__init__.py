"""Facades that are made, not trained: networks whose weights are written down."""

from facade_allennlp.construction.construct import construct

__all__ = ["construct"]
