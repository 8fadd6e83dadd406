from collections.abc import Iterator, Sequence
from typing import Any, Optional

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch
from facade_allennlp.attacks import Attack
from facade_allennlp.results.record import Record
from facade_allennlp.results.summary import AttackNumbers
from facade_allennlp.scores.sums import Key, Sums


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

    @property
    def is_summed(self) -> bool:
        return all(attack.is_summed for attack in self.attacks.values())

    def values(
        self, row: dict[str, dict[str, Any]], record: Record, reference: Optional[Record] = None
    ) -> Iterator[tuple[Key, Optional[float]]]:
        for name, attack in self.attacks.items():
            for key, value in attack.values(row[name]):
                yield (name, *key), value

    def part(self, sums: Sums, compared: bool) -> dict[str, AttackNumbers]:
        return {name: attack.numbers(sums.under(name)) for name, attack in self.attacks.items()}

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
