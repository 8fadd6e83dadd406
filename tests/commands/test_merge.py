from pathlib import Path

import pytest
import torch
from allennlp.models import load_archive

from tests.commands.conftest import Command


@pytest.mark.parametrize("storage", [[], ["--storage", "dense", "--noise", "1e-8", "--seed", "3"]])
def test_prints_where_the_archive_is(
    archives: dict[str, str], tmp_path: Path, command: Command, storage: list[str]
) -> None:
    output = tmp_path / "merged"
    result = command("merge", archives["f"], archives["g"], "--output", output, *storage)
    assert (result.status, result.out) == (0, f"{output}/model.tar.gz\n")
    config = load_archive(output / "model.tar.gz").config["model"]["storage"].as_dict(quiet=True)
    assert config == ({"type": "dense", "noise": 1e-8} if storage else {"type": "structured"})


def test_seeds_tell_dense_archives_apart(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    weights = []
    for seed in (1, 2):
        output = tmp_path / str(seed)
        command(
            "merge", archives["f"], archives["g"], "--output", output, "--storage", "dense",
            "--seed", seed,
        )  # fmt: skip
        model = load_archive(output / "model.tar.gz").model
        weights.append(model.state_dict()["_classification_layer.weight"])
    assert not torch.equal(*weights)


def test_force_replaces(archives: dict[str, str], tmp_path: Path, command: Command) -> None:
    arguments = ["merge", archives["f"], archives["g"], "--output", tmp_path / "merged"]
    assert command(*arguments).status == 0
    assert "exists already" in command(*arguments).error()
    assert command(*arguments, "--force").status == 0


def test_a_missing_archive_is_one_sentence(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    result = command("merge", archives["f"], tmp_path / "none", "--output", tmp_path / "merged")
    assert "none: there is no such model archive" in result.error()


def test_noise_is_for_dense_storage(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    result = command(
        "merge", archives["f"], archives["g"], "--output", tmp_path / "merged", "--noise", "1e-7"
    )
    assert "noise" in result.error()
    assert not list(tmp_path.iterdir())


def test_an_unknown_storage_is_refused_with_the_known_ones(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    result = command(
        "merge", archives["f"], archives["g"], "--output", tmp_path / "merged", "--storage", "zip"
    )
    assert result.status == 2
    assert "structured" in result.err


@pytest.mark.parametrize("name", ["merge", "construct-facade"])
def test_an_output_below_a_file_is_refused(
    archives: dict[str, str], tmp_path: Path, command: Command, name: str
) -> None:
    (tmp_path / "notes").write_text("a file")
    given = [archives["g"]] if name == "merge" else ["--target", "first_token"]
    told = command(name, archives["f"], *given, "--output", tmp_path / "notes" / "new").error()
    assert f"{tmp_path / 'notes'} is a file, so that" in told
