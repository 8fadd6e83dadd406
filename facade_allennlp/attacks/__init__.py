"""Attacks on texts, a batch at a time: which tokens a prediction hangs on, and how to change it."""

from facade_allennlp.attacks.attack import Attack, AttackResult
from facade_allennlp.attacks.flip_attempt import Flip, HotFlipResult
from facade_allennlp.attacks.hotflip import HotFlip
from facade_allennlp.attacks.input_reduction import InputReduction, Reduction

__all__ = [
    "Attack",
    "AttackResult",
    "Flip",
    "HotFlip",
    "HotFlipResult",
    "InputReduction",
    "Reduction",
]
