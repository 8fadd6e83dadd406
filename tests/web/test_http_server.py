"""What slow clients, and many of them, may do to a server: nothing that others notice."""

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError

from facade_allennlp.web import http_server
from facade_allennlp.web.http_server import GONE, Server, address, bound, running

HOST = "127.0.0.1"
MOST_BYTES = 1000
LARGE = 8_000_000
asked: list[tuple[dict[str, Any], bytes]] = []
left = threading.Event()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the number of bytes of a request; at `/wait` until the client has left."""
    if scope["type"] != "http":
        return
    body = (await receive())["body"]
    asked.append((dict(scope["headers"]), body))
    while scope["path"] == "/wait" and not scope["state"][GONE]():
        await asyncio.sleep(0.01)
    if scope["path"] == "/wait":
        left.set()
    answer = b"a" * LARGE if scope["path"] == "/large" else str(len(body)).encode()
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(http_server, "SECONDS_TO_ASK", 0.5)
    monkeypatch.setattr(http_server, "SECONDS_TO_TAKE", 0.5)
    monkeypatch.setattr(http_server, "CONNECTIONS", 20)
    asked.clear()
    with running(Server(app, MOST_BYTES, patience=1), bound(HOST, 0)) as url:
        yield int(url.rsplit(":", 1)[1])


def post(port: int, body: Any, path: str = "/", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    connection.request("POST", path, body, headers, encode_chunked=not isinstance(body, bytes))
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def read(connection: socket.socket) -> bytes:
    """All that is sent until the connection ends."""
    connection.settimeout(30)
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def test_a_request_is_handed_on_whole_and_no_larger_than_allowed(port: int) -> None:
    assert post(port, b"12345") == (200, b"5")
    assert post(port, (b"12345" for _ in range(7)), **{"Transfer-Encoding": "chunked"})[1] == b"35"
    headers, _ = asked[-1]
    assert headers[b"content-length"] == b"35"
    assert b"transfer-encoding" not in headers
    # One byte more than allowed tells the app that the request is too large.
    assert post(port, b"1" * 500_000)[1] == str(MOST_BYTES + 1).encode()
    assert post(port, b"") == (200, b"0")


@pytest.mark.parametrize(
    "begun",
    [b"", b"POST / HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"],
    ids=["nothing", "half of the headers", "half of the body"],
)
def test_half_a_request_is_ended_in_time_however_slowly_it_grows(port: int, begun: bytes) -> None:
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(begun)
        connection.settimeout(0.1)
        started = time.monotonic()
        while time.monotonic() - started < 20:
            with suppress(TimeoutError):
                answer = connection.recv(1000)
                break
            connection.sendall(b"X" if begun else b"")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert 0.3 < time.monotonic() - started < 10
    assert post(port, b"12345") == (200, b"5")


def test_who_is_too_slow_is_told(port: int) -> None:
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc")
        head, body = read(connection).split(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert json.loads(body) == {"message": "Request Timeout"}
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        head, body = read(connection).split(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 400 ")
        assert list(json.loads(body)) == ["message"]


def test_of_too_many_connections_those_go_that_keep_the_server_waiting(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_server, "SECONDS_TO_ASK", 60)
    with ExitStack() as stack, ThreadPoolExecutor(4) as clients:
        half_open = [
            stack.enter_context(socket.create_connection((HOST, port))) for _ in range(100)
        ]
        for connection in half_open[::2]:
            try:
                connection.sendall(b"POST / HTTP/1.1\r\nHost:")
            except OSError:
                continue  # closed already
        answers = list(clients.map(lambda number: post(port, b"1" * number), range(40)))
        assert answers == [(200, str(number).encode()) for number in range(40)]


def test_who_does_not_take_an_answer_is_left(port: int) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((HOST, port))
        connection.sendall(b"POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        time.sleep(2)
        received = b""
        with suppress(ConnectionResetError):
            received = read(connection)
        assert len(received) < LARGE
    assert len(post(port, b"", "/large")[1]) == LARGE


def test_the_app_is_told_that_a_client_has_left(port: int) -> None:
    left.clear()
    with socket.create_connection((HOST, port)) as connection:
        connection.sendall(b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        assert not left.wait(0.5)
    assert left.wait(30)


def test_a_server_that_ends_waits_for_answers_but_not_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    left.clear()
    asked.clear()
    with socket.socket() as connection:
        with running(Server(app, MOST_BYTES, patience=1), bound(HOST, 0)) as url:
            port = int(url.rsplit(":", 1)[1])
            connection.connect((HOST, port))
            connection.sendall(b"POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            while not asked:
                time.sleep(0.01)
            begun = time.monotonic()
        assert 0.5 < time.monotonic() - begun < 20
        assert left.is_set()
    assert not caplog.records


def test_a_port_that_is_taken_is_named() -> None:
    with bound(HOST, 0) as taken:
        port = int(address(taken).rsplit(":", 1)[1])
        with pytest.raises(ConfigurationError, match=f"cannot listen on {HOST}, port {port}"):
            bound(HOST, port)
    with pytest.raises(ConfigurationError, match="ports are 0 to 65535"):
        bound(HOST, 70_000)
    with pytest.raises(ConfigurationError, match=r"cannot listen on no\.such\.host"):
        bound("no.such.host", 0)
