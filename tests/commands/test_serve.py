"""`allennlp serve`: what it takes, and what it refuses before it serves."""

import argparse
import socket
from pathlib import Path

import pytest

from facade_allennlp.commands.serve import COMMAND
from tests.commands.conftest import Command

pytest.importorskip("allennlp_server")


def arguments_of(parser: argparse.ArgumentParser) -> dict[str, tuple[object, ...]]:
    """By its spelling, what an argument means to a script that gives it."""
    return {
        option: (action.dest, type(action), action.nargs, action.const, action.type or str)
        for action in parser._actions
        for option in action.option_strings or [action.dest]
    }


def test_all_arguments_of_allennlp_server_are_taken() -> None:
    from allennlp_server.commands.server_simple import SimpleServer

    # Ours is registered in its place, and has its name there.
    theirs = SimpleServer.add_subparser(
        argparse.Namespace(name="serve"), argparse.ArgumentParser().add_subparsers()
    )
    ours = COMMAND.add_parser(argparse.ArgumentParser().add_subparsers())
    expected = arguments_of(theirs)
    assert {"--archive-path", "--static-dir", "-o", "--field-name", "-p"} <= set(expected)
    assert expected.items() <= arguments_of(ours).items()
    assert [action.dest for action in ours._actions if action.required] == ["archive_path"]
    least = ["--archive-path", "a"]
    same = ("host", "port", "cuda_device", "overrides", "static_dir", "field_names")
    defaults = [vars(parser.parse_args(least)) for parser in (theirs, ours)]
    assert [defaults[0][name] for name in same] == [defaults[1][name] for name in same]


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
        (["--archive-path", "{f}", "--task", "nope"], "nope"),
        (["--archive-path", "{f}", "--predictor", "text_classifier", "--task", "span"], "do not"),
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
