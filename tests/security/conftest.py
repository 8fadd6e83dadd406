import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.conftest import _as_it_was, command, facade
from tests.security.good import Pieces, packed
from tests.security.hostile_configs import MODULE, SECRET

__all__ = ["_as_it_was", "command", "facade"]


@dataclass
class Place:
    """
    # Parameters

    archives : `Path`
        The folder of archives, with a good one.
    here : `Path`
        The current folder: with a module that leaves a mark, and a file that is nobody's business.
    temporary : `Path`
        The folder for temporary files.
    """

    archives: Path
    here: Path
    temporary: Path

    @property
    def good(self) -> Path:
        return self.archives / "good.tar.gz"

    @property
    def inputs(self) -> Path:
        return self.archives / "inputs.jsonl"

    def put(self, content: bytes) -> Path:
        path = self.archives / "one.tar.gz"
        path.write_bytes(content)
        return path

    def additions(self) -> list[str]:
        """What was not here, and what is left of temporary files."""
        known = {f"{MODULE}.py", "evil_model", SECRET}
        return [*sorted({*os.listdir(self.here)} ^ known), *map(str, self.temporary.rglob("*"))]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place(tmp_path / "archives", tmp_path / "here", tmp_path / "temporary")
    for folder in (made.archives, made.here, made.temporary, made.here / "evil_model"):
        folder.mkdir()
    made.good.write_bytes(packed(Pieces().whole()))
    made.inputs.write_text('{"sentence": "a good film"}\n{"sentence": "a bad film"}\n')
    (made.here / f"{MODULE}.py").write_text("import os; os.mkdir('marked')\n")
    (made.here / SECRET).write_text("a\ngood\nbad\n")
    (made.here / "evil_model" / "config.json").write_text('{"model_type": "bert"}')
    monkeypatch.setattr("tempfile.tempdir", str(made.temporary))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(made.archives / "torch"))  # made by an import
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(made.here))
    monkeypatch.chdir(made.here)
    return made
