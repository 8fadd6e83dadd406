import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.analysis import Measurement
from facade_allennlp.archives import load
from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.errors import InputError
from facade_allennlp.report.page import render
from facade_allennlp.results.record import Record
from facade_allennlp.results.records_file import read
from facade_allennlp.results.summary import Summary, TargetSummary
from facade_allennlp.targets import EveryToken, StopWords
from fixtures import VALIDATION, by_hand
from fixtures.two_texts import PAIRS, build_two_texts
from tests.analysis import measuring
from tests.analysis.conftest import DataFile
from tests.analysis.measuring import records_of

ATTACKS: dict[str, Any] = {
    "reduction": {"type": "input_reduction", "beam_size": 1},
    "hotflip": {"type": "hotflip", "target": {"type": "stop_words"}, "max_flips": 2},
}


SETTINGS: dict[str, Any] = {"targets": {"first_token": "first_token"}, "attacks": ATTACKS}


def run(archives: dict[str, str], output: Path, data: str = VALIDATION, **more: Any) -> Summary:
    return measuring.run(archives, output, data, **{**SETTINGS, **more})


def test_records_hold_what_the_attacks_do_by_themselves(
    archives: dict[str, str], tmp_path: Path
) -> None:
    run({"f": archives["f"]}, tmp_path)
    archive = load(archives["f"], -1)
    explained = ExplainedModel(archive.model.eval())
    for instance, record in zip(
        archive.dataset_reader.read(VALIDATION), records_of(tmp_path), strict=True
    ):
        instance.index_fields(archive.model.vocab)
        (reduced,) = InputReduction(beam_size=1).attack(explained, [instance])
        (flipped,) = HotFlip(StopWords(), max_flips=2).attack(explained, [instance])
        assert record.attacks == {"reduction": reduced.to_json(0), "hotflip": flipped.to_json(0)}
        for flip in record.attacks["hotflip"]["flips"]:
            assert record.tokens[flip["position"]] == flip["old"]


def test_the_summary_is_that_of_the_records(archives: dict[str, str], tmp_path: Path) -> None:
    summary = run({"f": archives["f"], "f_ft": archives["f_ft"]}, tmp_path)
    for name in ("f", "f_ft"):
        records = records_of(tmp_path, name)
        found: Any = summary.models[name].attacks
        left = [record.attacks["reduction"]["left"] for record in records]
        words = [
            [record.words[record.word_ids[i]].lower() for i in positions]  # type: ignore[index]
            for record, positions in zip(records, left)
        ]
        stops = [[word for word in text if StopWords().matches(word)] for text in words]
        assert found["reduction"] == {
            "without": 0,
            "stop_percent": round(100 * sum(map(len, stops)) / sum(map(len, words)), 2),
            "mean_stop_percent": pytest.approx(
                100 * sum(len(s) / len(w) for s, w in zip(stops, words)) / len(words), abs=0.01
            ),
            "all_stop_percent": round(
                100 * sum(len(s) == len(w) for s, w in zip(stops, words)) / len(words), 2
            ),
            "mean_left": round(sum(map(len, words)) / len(words), 2),
        }
        without = sum(record.attacks["hotflip"]["attackable"] == 0 for record in records)
        assert found["hotflip"]["without"] == without


def test_positions_are_those_of_the_records_tokens() -> None:
    model, instances = build_two_texts()
    attacks = {
        "reduction": InputReduction(target=EveryToken("hypothesis")),
        "hotflip": HotFlip(EveryToken("hypothesis")),
    }
    explained = ExplainedModel(model)
    records = Measurement({}, {}, attacks).measure(explained, instances, [0, 1])
    for record, (premise, hypothesis) in zip(records, PAIRS, strict=True):
        words = ["[CLS]", *premise.split(), "[SEP]", "[CLS]", *hypothesis.split(), "[SEP]"]
        assert record.tokens == words
        flips = record.attacks["hotflip"]["flips"]
        assert flips
        assert all(words[flip["position"]] == flip["old"] for flip in flips)
        start = len(premise.split()) + 3
        for position in record.attacks["reduction"]["left"]:
            assert start <= position < start + len(hypothesis.split())


def test_methods_may_be_left_out(archives: dict[str, str], tmp_path: Path) -> None:
    both = run({"f": archives["f"]}, tmp_path / "both")
    alone = run({"f": archives["f"]}, tmp_path / "alone", methods={})
    assert alone.models["f"].attacks == both.models["f"].attacks
    assert alone.models["f"].targets == {"first_token": TargetSummary(0, {})}
    for first, second in zip(
        *(records_of(tmp_path / folder) for folder in ("alone", "both")), strict=True
    ):
        assert first.scores == {}
        assert replace(first, scores=second.scores) == second
    # Attacks alone make a page too.
    assert '"says": "' in render(tmp_path / "alone")


def interrupted_after(monkeypatch: pytest.MonkeyPatch, batches: int) -> None:
    """Measuring stops once so many batches are done."""
    real, done = Measurement.measure, []

    def measure(*args: Any) -> list[Record]:
        if len(done) == batches:
            raise KeyboardInterrupt
        done.append(args)
        return real(*args)

    monkeypatch.setattr(Measurement, "measure", measure)


def test_a_stopped_run_ends_with_the_same_bytes(
    archives: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run({"f": archives["f"]}, tmp_path / "whole")
    with monkeypatch.context() as patched:
        interrupted_after(patched, 2)
        with pytest.raises(KeyboardInterrupt):
            run({"f": archives["f"]}, tmp_path / "stopped")
    assert (tmp_path / "stopped" / "f.records.jsonl.partial").exists()
    run({"f": archives["f"]}, tmp_path / "stopped")
    for name in ("f.records.jsonl", "summary.json"):
        ours, theirs = (tmp_path / folder / name for folder in ("stopped", "whole"))
        assert ours.read_bytes() == theirs.read_bytes()


def test_a_config_is_kept_whole(archives: dict[str, str], tmp_path: Path) -> None:
    before = json.dumps(ATTACKS)
    run({"f": archives["f"]}, tmp_path)
    header, _ = read(tmp_path / "f.records.jsonl")
    assert json.dumps(header.settings.attacks) == json.dumps(ATTACKS) == before


def test_results_of_other_attacks_are_refused(archives: dict[str, str], tmp_path: Path) -> None:
    run({"f": archives["f"]}, tmp_path)
    with pytest.raises(InputError, match=r"other settings \(attacks\).*--force"):
        run({"f": archives["f"]}, tmp_path, attacks={"hotflip": "hotflip"})


def test_inputs_without_a_token_to_attack_are_counted(
    archives: dict[str, str], tmp_path: Path, data_file: DataFile
) -> None:
    data = data_file("", "lovely actors", "the film was great")
    found: Any = run({"f": archives["f"]}, tmp_path / "out", data).models["f"].attacks
    assert found["reduction"]["without"] == 1
    assert found["hotflip"]["without"] == 2


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        ("hot_flip", "no attack 'hot_flip': did you mean 'hotflip'"),
        ({"type": "input_reduction", "beam_size": 0}, "beam_size of .* >= 1"),
        ({"type": "hotflip", "target": {"type": "words", "words": ["zebra"]}}, "zebra"),
        ({"type": "hotflip", "target": {"type": "every_token", "field": "title"}}, "'title'"),
        ({"type": "hotflip", "wanted": "neutral"}, "no class 'neutral'"),
    ],
)
def test_wrong_attacks_are_named(
    archives: dict[str, str], tmp_path: Path, attack: Any, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        run({"f": archives["f"]}, tmp_path, attacks={"attack": attack})


def test_the_command_in_the_report_names_the_attacks(
    archives: dict[str, str], tmp_path: Path
) -> None:
    run({"f": archives["f"]}, tmp_path, attacks={"hotflip": "hotflip"})
    assert "--attacks hotflip" in render(tmp_path)


def test_gradients_of_the_model_stay_untouched(archives: dict[str, str]) -> None:
    archive = load(archives["f"], -1)
    model = archive.model.eval()
    instances = list(archive.dataset_reader.read(VALIDATION))
    for instance in instances:
        instance.index_fields(model.vocab)
    before = by_hand.bert(model).embeddings.word_embeddings.weight.clone()
    HotFlip().attack(ExplainedModel(model), instances)
    assert all(parameter.grad is None for parameter in model.parameters())
    assert before.equal(by_hand.bert(model).embeddings.word_embeddings.weight)
