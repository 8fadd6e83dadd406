import importlib.util
import socket

import pytest

from tests.commands.conftest import Command


def test_a_port_that_is_taken_is_named_before_models_are_loaded(facade: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = facade("demo", "no/such/archive", "--port", port)
    assert f"cannot listen on 127.0.0.1, port {port}" in outcome.error()


def test_without_gradio_the_way_out_is_told(
    facade: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "gradio" else find(name)
    )
    assert "pip install 'gradio" in facade("demo", "f").error()


def test_an_archive_that_is_not_there_is_named(facade: Command) -> None:
    assert "no/such/archive: there is no such" in facade("demo", "no/such/archive").error()
