from collections.abc import Sequence
from typing import Any, Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch
from facade_allennlp.attacks import Attack
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import AttackNumbers


class Attacked(Analysis):
    """
    What attacks make of each input.

    # Parameters

    attacks : `dict[str, Attack]`
    """

    row_field = part_field = "attacks"

    def __init__(self, attacks: dict[str, Attack]) -> None:
        self.attacks = attacks

    def measure(self, batch: MeasuredBatch) -> Sequence[dict[str, dict[str, Any]]]:
        results = {
            name: attack.attack(batch.explained, batch.instances)
            for name, attack in self.attacks.items()
        }
        return [
            {
                name: attacked[row].to_json(text.starts[attacked[row].field])
                for name, attacked in results.items()
            }
            for row, text in enumerate(batch.texts)
        ]

    def summarize(
        self,
        rows: Sequence[dict[str, dict[str, Any]]],
        records: Sequence[Record],
        reference: Optional[Sequence[Record]] = None,
    ) -> dict[str, AttackNumbers]:
        return {
            name: attack.summarize([row[name] for row in rows])
            for name, attack in self.attacks.items()
        }
