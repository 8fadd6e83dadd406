from typing import Optional

from allennlp.common import FromParams
from allennlp.common.checks import ConfigurationError

from facade_allennlp.attacks import Attack
from facade_allennlp.attribution import AttributionMethod
from facade_allennlp.faithfulness import Faithfulness
from facade_allennlp.targets import TokenTarget


class Analyses(FromParams):
    """
    What is measured on each input.

    # Parameters

    targets : `dict[str, TokenTarget]`
    methods : `dict[str, AttributionMethod]`
    attacks : `dict[str, Attack]`, optional
    faithfulness : `Faithfulness`, optional
        Of the methods.
    time : `bool`, optional (default = `False`)
        Whether the seconds that methods take are noted.

    # Raises

    `ConfigurationError` : methods without a target, faithfulness without a method.
    """

    def __init__(
        self,
        targets: dict[str, TokenTarget],
        methods: dict[str, AttributionMethod],
        attacks: Optional[dict[str, Attack]] = None,
        faithfulness: Optional[Faithfulness] = None,
        time: bool = False,
    ) -> None:
        if methods and not targets:
            raise ConfigurationError(
                f"{next(iter(methods))} needs a target to be measured on: one of "
                f"{', '.join(TokenTarget.list_available())}"
            )
        if faithfulness and not methods:
            raise ConfigurationError("faithfulness is that of methods: name at least one")
        self.targets = targets
        self.methods = methods
        self.attacks = attacks or {}
        self.faithfulness = faithfulness
        self.time = time

    @property
    def all_targets(self) -> list[TokenTarget]:
        """Those of attacks, too."""
        return [*self.targets.values(), *(attack.target for attack in self.attacks.values())]
