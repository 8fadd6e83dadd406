"""
What listens for requests: uvicorn, with limits on how slow its clients may be and how many. Neither
a slow client nor many idle ones hold up the others.
"""

import asyncio
import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from types import FrameType
from typing import TYPE_CHECKING, Any, Optional

import h11
import uvicorn
from allennlp.common.checks import ConfigurationError
from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONNECTIONS = 256
"""At once. For one more the one is closed that has kept the server waiting for longest."""
SECONDS_TO_ASK = 20
"""For a whole request, from its first byte on, or from the connection on."""
SECONDS_TO_TAKE = 60
"""For an answer, or a part of one, until it is on its way."""
SECONDS_IDLE = 60
"""Between two requests of a connection."""
GONE = "gone"
"""In the `state` of a request's scope: a function that tells whether its client has left."""


def bound(host: str, port: int) -> socket.socket:
    """
    A socket that has its port. It needs no model yet: whether the port is free is known at once.

    # Raises

    `ConfigurationError` : there is no such port, or something else listens there.
    """
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"--port is {port}, but ports are 0 to 65535")
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=CONNECTIONS)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}"
        ) from None


def address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


class WholeRequests:
    """
    ASGI middleware that hands on requests once they are there, so that no thread waits for a slow
    client. A request's scope tells whether the client has left, see `GONE`.

    # Parameters

    app : `ASGIApp`
    most_bytes : `int`
        Of a request: of a larger one the app is given the first of them, and one more, so that it
        can refuse it.
    """

    def __init__(self, app: "ASGIApp", most_bytes: int) -> None:
        self.app = app
        self.most_bytes = most_bytes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = b""
        more = True
        while more and len(body) <= self.most_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        body = body[: self.most_bytes + 1]
        gone = threading.Event()
        told = False

        async def leaves() -> "Message":
            while (message := await receive())["type"] != "http.disconnect":
                pass  # what a request has too much
            gone.set()
            return message

        leaving = asyncio.create_task(leaves())

        async def whole() -> "Message":
            nonlocal told
            if told:
                return await asyncio.shield(leaving)
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        try:
            await self.app(_of_known_length(scope, body, gone), whole, send)
        finally:
            leaving.cancel()


def _of_known_length(scope: "Scope", body: bytes, gone: threading.Event) -> "Scope":
    """As if the request had come in one piece."""
    left_out = (b"transfer-encoding", b"content-length")
    headers = [(name, value) for name, value in scope["headers"] if name not in left_out]
    if len(scope["headers"]) > len(headers):
        headers.append((b"content-length", str(len(body)).encode()))
    return {**scope, "headers": headers, "state": {**scope.get("state", {}), GONE: gone.is_set}}


class TimedProtocol(H11Protocol):
    """uvicorn's HTTP, with the limits of this module; its errors are JSON, as those of the app."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._asking: Optional[asyncio.TimerHandle] = None
        self._taking: Optional[asyncio.TimerHandle] = None
        self._watch()
        if len(self.connections) > CONNECTIONS:
            timed = [other for other in self.connections if isinstance(other, TimedProtocol)]
            waited_for = [other for other in timed if other.is_waited_for]  # this one at least
            min(waited_for, key=lambda other: other.waiting_since).refuse(503)

    def connection_lost(self, exc: Optional[Exception]) -> None:
        super().connection_lost(exc)
        for timer in (self._asking, self._taking):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()
        self._hurry()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._hurry()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._taking is not None:
            self._taking.cancel()

    @property
    def is_waited_for(self) -> bool:
        """Whether the client has yet to send a request, or the rest of one."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def refuse(self, status: int) -> None:
        """Ends the connection, with an answer where one has not begun."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and not self.transport.is_closing():
            self.send_400_response(HTTPStatus(status).phrase, status)
        self.transport.close()

    def send_400_response(self, msg: str, status: int = 400) -> None:
        body = json.dumps({"message": msg}).encode()
        headers = [("Content-Type", "application/json"), ("Connection", "close")]
        length = ("Content-Length", str(len(body)))
        reason = HTTPStatus(status).phrase.encode()
        for event in (
            h11.Response(status_code=status, headers=[*headers, length], reason=reason),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _watch(self) -> None:
        """Times a request that has begun, or is the connection's first."""
        begun = self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])
        first = self.cycle is None
        if self.is_waited_for and (begun or first):
            if self._asking is None:
                self.waiting_since = self.loop.time()
                self._asking = self.loop.call_later(SECONDS_TO_ASK, self.refuse, 408)
        else:
            self.waiting_since = self.loop.time()
            if self._asking is not None:
                self._asking.cancel()
                self._asking = None

    def _hurry(self) -> None:
        """Times what is on its way to the client."""
        if self._taking is not None:
            self._taking.cancel()
        self._taking = self.loop.call_later(SECONDS_TO_TAKE, self._give_up)

    def _give_up(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()


class Server(uvicorn.Server):
    """
    uvicorn, with the limits of this module.

    >>> Server(app).run(sockets=[bound("127.0.0.1", 8000)])  # until Ctrl-C or SIGTERM

    The first Ctrl-C lets requests in progress end, a second one does not.

    # Parameters

    app : `ASGIApp`
    most_bytes : `int`
        Of a request.
    patience : `int`, optional (default = without end)
        How many seconds requests in progress are given when the server ends.
    """

    def __init__(self, app: "ASGIApp", most_bytes: int, patience: Optional[int] = None) -> None:
        settings: dict[str, Any] = {
            "http": TimedProtocol,
            "ws": "none",
            "log_config": None,
            "log_level": "error",
            "access_log": False,
            "server_header": False,
            "proxy_headers": False,
            "timeout_keep_alive": SECONDS_IDLE,
        }
        super().__init__(uvicorn.Config(WholeRequests(app, most_bytes), **settings))
        self._patience = patience

    async def shutdown(self, sockets: Optional[list[socket.socket]] = None) -> None:
        if self._patience is not None:
            asyncio.get_running_loop().call_later(self._patience, self._leave)
        await super().shutdown(sockets)

    def _leave(self) -> None:
        """Closes all connections, as if their clients had."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def stop(number: int, frame: Optional[FrameType]) -> None:
            signal.signal(number, signal.SIG_DFL)
            self.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def running(server: Server, listening: socket.socket) -> Iterator[str]:
    """
    The address of a server that runs in a thread of its own as long as this.

    >>> with running(Server(app, 1000), bound("127.0.0.1", 0)) as url:
    ...     urllib.request.urlopen(url)
    """
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    url = address(listening)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join()
