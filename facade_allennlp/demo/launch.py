"""The page of a comparison, on a port."""

import os

import gradio

from facade_allennlp.demo.app import Demo, settings
from facade_allennlp.web.addresses import LOOPBACK_NAMES, names_of, warn_if_open


def launch(demo: Demo, host: str, port: int) -> gradio.Blocks:
    """
    Serves a page from a thread of its own.

    >>> page = launch(Demo(comparison, ["gradient"]), "127.0.0.1", 7860)
    >>> page.block_thread()  # until Ctrl-C

    # Parameters

    host : `str`
        Whom to listen to; where that is not this machine alone, a warning says so.
    port : `int`
        One that is free, see `web.addresses.free_port`.

    # Returns

    `gradio.Blocks` : its `local_url` is the page's address.
    """
    # Gradio calls its own address at the start, which no proxy can reach.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join([*LOOPBACK_NAMES, host, os.environ.get(name, "")])
    warn_if_open(host)
    page = demo.blocks()
    page.launch(
        server_name=host,
        server_port=port,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        **settings(names_of(host)),
    )
    return page
