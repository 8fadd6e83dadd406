"""Archives may come from strangers: what is no whole, harmless archive is refused in a sentence."""

import io
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from facade_allennlp.archives import load
from fixtures.archives import write_archive


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def unpacked(archives: dict[str, str], tmp_path: Path) -> Path:
    """The files of a good archive, to be spoilt."""
    folder = tmp_path / "unpacked"
    with tarfile.open(Path(archives["f"], "model.tar.gz")) as archive:
        archive.extractall(folder, filter="data")
    return folder


def packed(folder: Path, archive: Path) -> str:
    with tarfile.open(archive, "w:gz") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)
    return str(archive)


def refused(location: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        load(location)
    assert location in str(caught.value)
    assert "\n" not in str(caught.value).strip()


def test_loading_leaves_no_temporary_folder(archives: dict[str, str], temporary: Path) -> None:
    load(f"{archives['f']}/model.tar.gz")
    assert not list(temporary.iterdir())


def test_a_gpu_that_is_not_there(archives: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"99, but this machine has \d+ GPUs"):
        load(archives["f"], cuda_device=99)


def test_missing(tmp_path: Path) -> None:
    refused(str(tmp_path / "nothing.tar.gz"), "there is no such model archive")


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.99])
def test_truncated(archives: dict[str, str], tmp_path: Path, temporary: Path, share: float) -> None:
    whole = Path(archives["f"], "model.tar.gz").read_bytes()
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(whole[: int(share * len(whole))])
    refused(str(cut), "no whole model archive.*truncated")
    assert not list(temporary.iterdir())


def test_no_tar(tmp_path: Path) -> None:
    path = tmp_path / "letter.tar.gz"
    path.write_text("Dear reviewers,")
    refused(str(path), "no whole model archive")


@pytest.mark.parametrize("lacking", ["config.json", "weights.th"])
def test_a_tar_without_config_or_weights(unpacked: Path, tmp_path: Path, lacking: str) -> None:
    (unpacked / lacking).unlink()
    refused(packed(unpacked, tmp_path / "model.tar.gz"), r"no config\.json with weights\.th")


def test_a_folder_that_is_none_of_allennlp(tmp_path: Path) -> None:
    refused(str(tmp_path), "no model archive")


@pytest.mark.parametrize("name", ["../evil", "vocabulary/../../evil"])
def test_paths_outside_the_folder(
    unpacked: Path, tmp_path: Path, temporary: Path, name: str
) -> None:
    location = packed(unpacked, tmp_path / "plain.tar.gz")
    evil = tmp_path / "model.tar.gz"
    with tarfile.open(location) as good, tarfile.open(evil, "w:gz") as tar:
        for member in good:
            tar.addfile(member, good.extractfile(member) if member.isfile() else None)
        entry = tarfile.TarInfo(name)
        entry.size = 4
        tar.addfile(entry, io.BytesIO(b"evil"))
    refused(str(evil), "refused.*outside")
    assert not list(temporary.iterdir())
    assert not list(tmp_path.rglob("evil"))


def test_links_out_of_the_folder(unpacked: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("mine")
    (unpacked / "vocabulary" / "labels.txt").unlink()
    (unpacked / "vocabulary" / "labels.txt").symlink_to(secret)
    refused(packed(unpacked, tmp_path / "model.tar.gz"), "refused")


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_code_in_the_weights_is_not_run(unpacked: Path, tmp_path: Path) -> None:
    weights = torch.load(unpacked / "weights.th")
    made = tmp_path / "made by the weights"
    torch.save({**weights, "extra": Touch(made)}, unpacked / "weights.th")
    refused(packed(unpacked, tmp_path / "model.tar.gz"), "something else than tensors")
    refused(str(unpacked), "something else than tensors")
    assert not made.exists()


def test_broken_weights(unpacked: Path) -> None:
    weights = unpacked / "weights.th"
    weights.write_bytes(weights.read_bytes()[:2000])
    refused(str(unpacked), "config and weights do not make a model")


def test_weights_of_another_model(unpacked: Path, archives: dict[str, str]) -> None:
    shutil.copy(Path(archives["g"], "best.th"), unpacked / "weights.th")
    refused(str(unpacked), "config and weights do not make a model")


def test_a_broken_config(unpacked: Path) -> None:
    (unpacked / "config.json").write_text('{"model": ')
    refused(str(unpacked), "config and weights do not make a model")


def test_a_folder_in_training_loads_its_best_weights(tmp_path: Path) -> None:
    folder = Path(write_archive(tmp_path / "f"))
    (folder / "model.tar.gz").unlink()
    assert load(str(folder)).model.vocab.get_vocab_size("labels") == 2
