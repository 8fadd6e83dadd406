"""AllenNLP interpreters and attackers: JSON in, JSON out."""

from facade_allennlp.interpret.attribution_interpreter import AttributionInterpreter
from facade_allennlp.interpret.batched_hotflip import BatchedHotFlip
from facade_allennlp.interpret.batched_input_reduction import BatchedInputReduction

__all__ = ["AttributionInterpreter", "BatchedHotFlip", "BatchedInputReduction"]
