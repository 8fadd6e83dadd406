import socket
from urllib.request import ProxyHandler, build_opener

import pytest

from facade_allennlp.demo.app import Demo
from facade_allennlp.demo.comparison import Comparison
from facade_allennlp.demo.launch import launch
from facade_allennlp.web.addresses import free_port

HOST = "127.0.0.1"


def test_a_page_is_served_until_it_is_closed(
    sentiment: Comparison,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "example.org")
    port = free_port(HOST, 0)
    page = launch(Demo(sentiment, ["gradient"]), HOST, port)
    try:
        assert page.local_url == f"http://{HOST}:{port}/"
        with build_opener(ProxyHandler({})).open(page.local_url, timeout=60) as answer:
            assert "Compare f, f_ft" in answer.read().decode()
    finally:
        page.close(verbose=False)
    printed = capsys.readouterr()
    assert printed.out + printed.err == ""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=60).close()
