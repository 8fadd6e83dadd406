"""AllenNLP interpreters: JSON in, JSON out."""

from facade_allennlp.interpret.attribution_interpreter import AttributionInterpreter

__all__ = ["AttributionInterpreter"]
