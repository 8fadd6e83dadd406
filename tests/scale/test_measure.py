"""Ray's workers measure what one process does."""

import logging
from pathlib import Path

import pytest

from facade_allennlp.scale.workers import Workers
from tests.analysis.measuring import run
from tests.scale.lethal import Lethal

pytest.importorskip("ray", reason="needs Ray, of the extra `ray`")


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
