import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DataFile = Callable[..., str]


@pytest.fixture
def data_file(tmp_path: Path) -> DataFile:
    """Writes texts, or (text, label) pairs, as JSON lines, and gives the path."""

    def write(*texts: str | tuple[str, str]) -> str:
        path = tmp_path / "data.jsonl"
        entries: list[dict[str, Any]] = [
            {"text": text} if isinstance(text, str) else dict(zip(("text", "label"), text))
            for text in texts
        ]
        path.write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")
        return str(path)

    return write
