"""What listens for requests, and answers them in turn."""

import signal
import socket
from collections.abc import Iterable
from types import FrameType
from typing import Optional
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import gevent
from allennlp.common.checks import ConfigurationError
from gevent.pywsgi import WSGIServer


def bound(host: str, port: int) -> WSGIServer:
    """
    A server that has its port. It needs no model yet: whether the port is free is known at once.

    # Raises

    `ConfigurationError` : there is no such port, or something else listens there.
    """
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"--port is {port}, but ports are 0 to 65535")
    server = WSGIServer((host, port), log=None)
    try:
        server.init_socket()
        # Inherited by connections: headers and body are sent apart, and would wait for each other.
        server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}"
        ) from None
    return server


def address(server: WSGIServer) -> str:
    host = server.server_host
    return f"http://{f'[{host}]' if ':' in host else host}:{server.server_port}"


def serve(server: WSGIServer, application: WSGIApplication) -> None:
    """Until Ctrl-C or SIGTERM: the first lets the request in progress end, the second does not."""
    server.application = _in_turn(application)
    loop = gevent.get_hub().loop

    def stop(number: int, frame: Optional[FrameType]) -> None:
        signal.signal(number, signal.SIG_DFL)
        loop.run_callback_threadsafe(server.close)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.serve_forever()


def _in_turn(application: WSGIApplication) -> WSGIApplication:
    """Without it a client whose next request is there already would be served before all others."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        gevent.sleep(0)
        return application(environ, start_response)

    return answer
