"""`allennlp serve`: what it refuses before it serves."""

import socket
from pathlib import Path

import pytest

from tests.commands.conftest import Command

pytest.importorskip("allennlp_server")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--archive-path", "{none}"], "there is no such model archive"),
        (["--archive-path", "{f}", "--port", "{taken}"], "cannot listen on 127.0.0.1"),
        (["--archive-path", "{f}", "--port", "70000"], "ports are 0 to 65535"),
        (["--archive-path", "{f}", "--predictor", "nope"], "nope"),
        (["--archive-path", "{f}", "--predictor-args", "[]"], "no JSON object"),
        (["--archive-path", "{f}", "--predictor-args", '{"nope": 1}'], "do not suit"),
        (["--archive-path", "{f}", "--predictor-args", '{"methods": 3}'], "do not suit"),
        (["--archive-path", "{f}", "--max-batch", "0"], "at least 1"),
        (["--archive-path", "{f}", "--allow-origin", "example.org"], "is no origin"),
        (["--archive-path", "{f}", "--allow-origin", "https://*.example.org"], "is no origin"),
        (["--archive-path", "{f}", "--static-dir", "{none}"], "no index.html"),
        (["--archive-path", "{f}", "-o", '{"model": {"type": "nope"}}'], "nope"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    archives: dict[str, str],
    tmp_path: Path,
    command: Command,
    arguments: list[str],
    message: str,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        named = {"{none}": str(tmp_path / "none"), "{f}": archives["f"]}
        named["{taken}"] = str(taken.getsockname()[1])
        given = [named.get(argument, argument) for argument in arguments]
        if "--port" not in given:
            given += ["--port", "0"]
        assert message in command("serve", *given).error()
