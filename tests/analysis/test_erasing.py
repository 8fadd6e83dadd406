import pytest

from facade_allennlp.analysis import Erasing
from facade_allennlp.faithfulness import Faithfulness
from facade_allennlp.results.record import Erased, ErasedByMethod, Record
from facade_allennlp.results.summary import Deletion


def record(prediction: str, gold: str, erased: Erased | None) -> Record:
    return Record(0, gold, prediction, [1.0], [], [], [], {}, {}, faithfulness=erased)


def erased(without: list[float], only: list[float], predicted: list[str]) -> Erased:
    return Erased(0.9, {"gradient": ErasedByMethod(without, only, predicted, 0.5)})


def test_means_over_inputs() -> None:
    records = [
        record("good", "good", erased([0.8, 0.2], [0.5, 0.9], ["good", "bad"])),
        record("bad", "good", erased([0.9, 0.7], [0.9, 0.9], ["bad", "bad"])),
        record("good", "bad", None),
    ]
    rows = [one.faithfulness for one in records]
    found = Erasing(Faithfulness([0.1, 0.5])).summarize(rows, records)
    assert found.without == 1
    gradient = found.methods["gradient"]
    assert gradient.comprehensiveness == pytest.approx(100 * (0.4 + 0.1) / 2)
    assert gradient.sufficiency == pytest.approx(100 * (0.2 + 0) / 2)
    assert gradient.left_out == 50
    assert gradient.curve == [Deletion(10, 85, 100, 50), Deletion(50, 45, 50, 0)]
