"""The page of a comparison, behind a server."""

import gradio
from fastapi import FastAPI

from facade_allennlp.demo.app import Demo, settings
from facade_allennlp.web.addresses import names_of
from facade_allennlp.web.http_server import Server

MOST_BYTES = 1_000_000
"""Of a request."""
PATIENCE = 1
"""Seconds: an open page keeps a connection, and is not waited for."""


def server_of(demo: Demo, host: str) -> Server:
    """
    What serves a page.

    >>> demo = Demo(comparison, ["gradient"])
    >>> server_of(demo, "127.0.0.1").run(sockets=[bound("127.0.0.1", 7860)])  # until Ctrl-C

    # Parameters

    host : `str`
        Whom it will listen to.
    """
    app = FastAPI(openapi_url=None)
    page = gradio.mount_gradio_app(app, demo.blocks(), path="/", **settings(names_of(host)))
    return Server(page, MOST_BYTES, PATIENCE)
