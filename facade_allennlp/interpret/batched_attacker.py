from collections.abc import Sequence
from typing import Any, Optional

import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict, sanitize
from allennlp.data import Instance
from allennlp.interpret.attackers import Attacker
from allennlp.predictors import Predictor

from facade_allennlp.attacks import Attack, AttackResult
from facade_allennlp.attribution import explained_model
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.targets import AllBut, TokenTarget


class BatchedAttacker(Attacker):
    """
    An attack as an AllenNLP attacker: the same JSON in and out as AllenNLP's own, for one input or
    for many at a time.

    It does not call AllenNLP's `input-reduction` and `hotflip`: they run one text at a time, drop
    special tokens, and compare what they should not (see docs/decisions.md).

    # Parameters

    predictor : `Predictor`
    target : `TokenTarget`, optional (default = the attack's)
        The tokens that may be attacked.
    options : `dict[str, Any]`, optional
        Of the model, see `explained_model`.
    """

    ignored: Sequence[str] = ()
    """AllenNLP's default for `ignore_tokens`."""

    def __init__(
        self,
        predictor: Predictor,
        target: Optional[TokenTarget] = None,
        options: Optional[dict[str, Any]] = None,
    ) -> None:
        super().__init__(predictor)
        self.target = target
        self.explained = explained_model(
            predictor._model, predictor._dataset_reader, **(options or {})
        )

    def attack_from_json(
        self,
        inputs: JsonDict,
        input_field_to_attack: Optional[str] = None,
        grad_input_field: Optional[str] = None,
        ignore_tokens: Optional[list[str]] = None,
        target: Optional[JsonDict] = None,
    ) -> JsonDict:
        """See `attack_from_jsons`."""
        (result,) = self.attack_from_jsons(
            [inputs], input_field_to_attack, grad_input_field, ignore_tokens, target
        )
        return result

    def attack_from_jsons(
        self,
        inputs: Sequence[JsonDict],
        input_field_to_attack: Optional[str] = None,
        grad_input_field: Optional[str] = None,
        ignore_tokens: Optional[list[str]] = None,
        target: Optional[JsonDict] = None,
    ) -> list[JsonDict]:
        """
        # Parameters

        inputs : `Sequence[JsonDict]`
            What the predictor takes.
        input_field_to_attack : `str`, optional (default = that of the attacker's target)
            A text field, or `premise`, `question`, ... inside one. AllenNLP's default is `tokens`.
        grad_input_field : `str`, optional
            AllenNLP's name for the gradients of that field; gradients are always those of the
            attacked field, so any other name is refused.
        ignore_tokens : `list[str]`, optional (default = AllenNLP's)
            Tokens that may not be attacked, as the vocabulary spells them. Special tokens never
            are.
        target : `JsonDict`, optional
            The outputs of the model from which the predictor takes the class that shall be
            predicted, such as `{"probs": [0, 1]}`; only some attacks can be given one.

        # Returns

        For each input `final` (one list of tokens), `original` and what else AllenNLP's attacker
        returns.

        # Raises

        `ConfigurationError` : one of the arguments does not fit the model or the attack.
        """
        if not inputs:
            return []
        with self.explained.lock.sharing():
            return self._attacked(
                inputs, input_field_to_attack, grad_input_field, ignore_tokens, target
            )

    def _attacked(
        self,
        inputs: Sequence[JsonDict],
        input_field_to_attack: Optional[str],
        grad_input_field: Optional[str],
        ignore_tokens: Optional[list[str]],
        target: Optional[JsonDict],
    ) -> list[JsonDict]:
        instances = [self._instance(one) for one in inputs]
        ignored = self.ignored if ignore_tokens is None else ignore_tokens
        attacked = AllBut(list(ignored), self.target, input_field_to_attack)
        attack = self._attack(attacked, instances[0], target)
        results = attack.attack(self.explained, instances)
        if grad_input_field is not None:
            self._check_gradients(grad_input_field, results[0])
        answers = [
            {
                "final": [result.tokens],
                "original": instance.fields[result.field].tokens,  # type: ignore[attr-defined]
                **more,
            }
            for instance, result, more in zip(instances, results, self._more(results))
        ]
        return [sanitize(answer) for answer in answers]

    def _attack(
        self, attacked: TokenTarget, instance: Instance, target: Optional[JsonDict]
    ) -> Attack:
        """
        # Parameters

        attacked : `TokenTarget`
        instance : `Instance`
            One of those to attack.
        target : `JsonDict`, optional
            As `attack_from_json` is given it.
        """
        raise NotImplementedError

    def _more(self, results: Sequence[Any]) -> list[JsonDict]:
        """What else than tokens AllenNLP's attacker says of each input."""
        return [{} for _ in results]

    def _instance(self, inputs: JsonDict) -> Instance:
        instance = self.predictor._json_to_instance(inputs)
        self.predictor._dataset_reader.apply_token_indexers(instance)
        instance.index_fields(self.explained.model.vocab)
        return instance

    def _check_gradients(self, name: str, result: AttackResult) -> None:
        """AllenNLP numbers the gradients of the text fields from the last embedded one on."""
        ((_, inputs),) = in_batches(self.explained, [result.instance])
        with torch.no_grad():
            fields = [field.name for field in self.explained.run(inputs).fields]
        right = f"grad_input_{len(fields) - fields.index(result.field)}"
        if name != right:
            raise ConfigurationError(
                f"grad_input_field is {name!r}, but the gradients of the attacked field "
                f"{result.field!r} are {right!r}; it may be left out"
            )
