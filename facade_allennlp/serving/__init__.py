"""A model as an HTTP service."""

from facade_allennlp.serving.app import make_app
from facade_allennlp.serving.checked import CheckedPredictor
from facade_allennlp.web.limits import Limits

__all__ = ["CheckedPredictor", "Limits", "make_app"]
