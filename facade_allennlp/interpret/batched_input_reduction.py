from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.interpret.attackers import Attacker
from allennlp.predictors import Predictor

from facade_allennlp.attacks import InputReduction
from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.interpret.batched_attacker import BatchedAttacker
from facade_allennlp.targets import TokenTarget


@Attacker.register("batched_input_reduction")
class BatchedInputReduction(BatchedAttacker):
    """
    `InputReduction` as an AllenNLP attacker.

    # Parameters

    predictor, target, options : see `BatchedAttacker`.
    beam_size : `int`, optional (default = `3`)
    method : `AttributionMethod`, optional (default = `Gradient`)
    """

    def __init__(
        self,
        predictor: Predictor,
        beam_size: int = 3,
        method: Optional[AttributionMethod] = None,
        target: Optional[TokenTarget] = None,
        options: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__(predictor, target, options)
        self.beam_size = beam_size
        self.method = method

    def _attack(
        self, attacked: TokenTarget, instance: Instance, target: Optional[JsonDict]
    ) -> InputReduction:
        if target is not None:
            raise ConfigurationError(
                "input reduction keeps the prediction, so there can be no target to change it to"
            )
        return InputReduction(self.beam_size, self.method, attacked)
