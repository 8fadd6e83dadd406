"""Commands that write an archive, stopped in the midst of it."""

import tarfile
from pathlib import Path
from typing import Any

import pytest

from fixtures.transformers_models import word_pieces, write_model
from tests.commands.conftest import Command


@pytest.mark.parametrize("replaced", [False, True], ids=["new", "replaced"])
@pytest.mark.parametrize("name", ["merge", "construct-facade", "import-transformers"])
def test_an_interrupted_command_leaves_what_was_there(
    archives: dict[str, str],
    tmp_path: Path,
    facade: Command,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    replaced: bool,
) -> None:
    original = tmp_path / "original"
    if name == "import-transformers":
        write_model(original, "BertForSequenceClassification", word_pieces(), ["bad", "good"])
    given = {
        "merge": [archives["f"], archives["g"]],
        "construct-facade": [archives["f"], "--target", "first_token"],
        "import-transformers": [original],
    }[name]
    folder = tmp_path / "written"
    folder.mkdir()
    output = folder / "archive"
    if replaced:
        output.mkdir()
        (output / "model.tar.gz").write_text("what was there")
    add = tarfile.TarFile.add

    def interrupted(archive: tarfile.TarFile, file: Any, *args: Any, **settings: Any) -> None:
        add(archive, file, *args, **settings)
        if str(file).endswith("weights.th"):
            raise KeyboardInterrupt

    monkeypatch.setattr(tarfile.TarFile, "add", interrupted)
    told = facade(name, *given, "--output", output, *(["--force"] if replaced else []))
    assert told.status == 130
    assert "interrupted" in told.err
    there = [path.relative_to(folder) for path in sorted(folder.rglob("*"))]
    assert there == ([Path("archive"), Path("archive/model.tar.gz")] if replaced else [])
    if replaced:
        assert (output / "model.tar.gz").read_text() == "what was there"
