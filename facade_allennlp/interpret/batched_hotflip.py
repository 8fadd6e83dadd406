from collections.abc import Sequence
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.data import Instance
from allennlp.data.fields import LabelField
from allennlp.interpret.attackers import Attacker
from allennlp.interpret.attackers.hotflip import DEFAULT_IGNORE_TOKENS
from allennlp.predictors import Predictor

from facade_allennlp.attacks import HotFlip, HotFlipResult
from facade_allennlp.interpret.batched_attacker import BatchedAttacker
from facade_allennlp.targets import TokenTarget


@Attacker.register("batched_hotflip")
class BatchedHotFlip(BatchedAttacker):
    """
    `HotFlip` as an AllenNLP attacker. `outputs` are the model's for the final text.

    # Parameters

    predictor, target, options : see `BatchedAttacker`.
    max_flips : `int`, optional (default = as many as there are tokens)
    """

    ignored = DEFAULT_IGNORE_TOKENS

    def __init__(
        self,
        predictor: Predictor,
        target: Optional[TokenTarget] = None,
        max_flips: Optional[int] = None,
        options: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__(predictor, target, options)
        self.max_flips = max_flips

    def _attack(
        self, attacked: TokenTarget, instance: Instance, target: Optional[JsonDict]
    ) -> HotFlip:
        wanted = None if target is None else self._wanted(instance, target)
        return HotFlip(attacked, self.max_flips, wanted)

    def _more(self, results: Sequence[HotFlipResult]) -> list[JsonDict]:
        readable = [
            self.explained.model.make_output_human_readable(result.outputs) for result in results
        ]
        return [
            {"outputs": [{name: value[0] for name, value in outputs.items() if _is_batch(value)}]}
            for outputs in readable
        ]

    def _wanted(self, instance: Instance, target: JsonDict) -> str:
        """The class that the predictor reads out of outputs, as for AllenNLP's `hotflip`."""
        predictor = type(self.predictor).__name__
        try:
            (labeled,) = self.predictor.predictions_to_labeled_instances(instance, target)
        except KeyError as error:
            raise ConfigurationError(
                f"target is {target}, but {predictor} takes the class from {error.args[0]!r}"
            ) from None
        label = labeled.fields.get("label")
        if not isinstance(label, LabelField):
            raise ConfigurationError(
                f"target is {target}, but {predictor} predicts no label that could be wanted"
            )
        return self.explained.task_on([instance]).spell([label.label])


def _is_batch(output: Any) -> bool:
    """Whether an output has an entry for the one instance of its batch."""
    if isinstance(output, torch.Tensor):
        return output.shape[:1] == (1,)
    return isinstance(output, list) and len(output) == 1
