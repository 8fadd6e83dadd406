import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.commands.train import train_model_from_file

from facade_allennlp.__main__ import main
from fixtures import FOLDER, training_config
from fixtures.archives import facade_config

CONFIG: dict[str, Any] = training_config(
    facade_config(),
    trainer={"num_epochs": 2, "optimizer": "adam", "callbacks": ["exact_resume", "killed_worker"]},
    distributed={
        "cuda_devices": [-1, -1],
        "ddp_accelerator": {"type": "torch", "find_unused_parameters": True},
    },
)


PACKAGE = "fixtures.killed_worker"


@pytest.mark.slow
@pytest.mark.usefixtures("forked_workers")
def test_a_training_goes_on_after_one_of_its_processes_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "config.json", tmp_path / "g"
    path.write_text(json.dumps(CONFIG))
    monkeypatch.chdir(FOLDER.parent)
    train = ["train", str(path), "-s", str(folder), "--include-package", PACKAGE]
    monkeypatch.setattr(sys, "argv", ["facade", *train])
    with pytest.raises(SystemExit) as stop:
        main()
    told = capfd.readouterr().err
    assert stop.value.code == 2
    (error,) = [line for line in told.splitlines() if line.startswith("error:")]
    assert "process 1 terminated with signal SIGKILL" in error
    assert "--recover" in error
    assert "Traceback" not in told
    assert not (folder / "model.tar.gz").exists()
    train_model_from_file(str(path), str(folder), recover=True, include_package=[PACKAGE])
    assert (folder / "model.tar.gz").exists()
    assert json.loads((folder / "metrics.json").read_text())["epoch"] == 1
