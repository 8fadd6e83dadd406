"""Workers measure, explain and audit what one process does."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from facade_allennlp.scale.cluster import connected
from facade_allennlp.scale.workers import Workers
from fixtures import VALIDATION
from tests.analysis.measuring import run
from tests.commands.conftest import Command
from tests.scale.lethal import Lethal

pytest.importorskip("ray", reason="needs Ray, of the extra `ray`")


@pytest.fixture(scope="module", autouse=True)
def _ray() -> Iterator[None]:
    """Started once for all."""
    with connected(Workers(2)):
        yield


@pytest.mark.slow
def test_a_measurement_is_the_same_and_outlives_a_worker(
    archives: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert Lethal  # registered
    lethal = {"type": "lethal", "ended": str(tmp_path / "ended"), "lethal": 3, "faulty": 1}
    settings = {
        "methods": {"gradient": "gradient", "noisy": {"type": "smooth_gradient", "samples": 2}},
        "attacks": {"flip": {"type": "hotflip", "max_flips": 1}},
        "faithfulness": {"shares": [0.5]},
        "analyses": {"lethal": lethal},
    }
    models = {"f": archives["f"]}
    # As if it had happened before.
    (tmp_path / "ended").touch()
    run(models, tmp_path / "alone", **settings)
    (tmp_path / "ended").unlink()
    caplog.clear()
    with caplog.at_level(logging.ERROR):
        run(models, tmp_path / "shared", workers=Workers(2), **settings)
    assert (tmp_path / "ended").exists()
    alone, shared = (
        {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        for folder in ("alone", "shared")
    )
    assert alone == shared
    assert b'"left_out": "AttributeError: a fault"' in shared["f.records.jsonl"]
    messages = [record.getMessage() for record in caplog.records]
    assert sum("a worker has died" in message for message in messages) == 1
    (fault,) = [message for message in messages if "instance 1 is left out" in message]
    assert "AttributeError: a fault" in fault  # with where it came from


@pytest.mark.slow
def test_explanations_and_audits_are_the_same(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("a lovely film\nthe plot was dull\ndull\n")
    audited = {}
    for name, options in (("alone", []), ("shared", ["--workers", 1])):
        explained = command(
            "attribute", archives["f"], texts, "--methods", "gradient", "attn_lrp",
            "--output", tmp_path / f"{name}.jsonl", "--trees", tmp_path / name, *options,
        )  # fmt: skip
        assert explained.status == 0, explained.err
        audited[name] = command(
            "audit", archives["f_ft"], "--data", VALIDATION, "--output", tmp_path / name / "audit",
            "--explain", 0, *options,
        )  # fmt: skip
    assert (tmp_path / "alone.jsonl").read_bytes() == (tmp_path / "shared.jsonl").read_bytes()
    alone, shared = (
        {
            str(path.relative_to(tmp_path / name)): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
        }
        for name in ("alone", "shared")
    )
    assert alone == shared
    assert {"1.json", "3.svg", "audit/audit.json"} <= alone.keys()
    assert audited["alone"].status == audited["shared"].status != 2
