"""The web application behind a server, a thread for each request."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from a2wsgi import WSGIMiddleware

from facade_allennlp.attribution.lock import Stopped, stopped_when
from facade_allennlp.web.http_server import GONE

if TYPE_CHECKING:
    from starlette.types import ASGIApp

THREADS = 64
"""Requests that are answered at once; the model goes round among them."""


def asgi(application: WSGIApplication) -> "ASGIApp":
    """
    The application for `http_server.Server`. What a client asked that has left is not computed to
    its end.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        try:
            with stopped_when(environ["asgi.scope"]["state"][GONE]):
                return application(environ, start_response)
        except Stopped:
            start_response("499 Client Closed Request", [])
            return [b""]

    return WSGIMiddleware(answer, workers=THREADS)  # type: ignore[arg-type, return-value]
