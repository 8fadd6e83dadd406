"""What a page of somebody else may not do with a demo on this machine."""

import logging
import re
from collections.abc import Collection
from typing import Optional
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)

USED = re.compile(
    "/(config|theme\\.css|favicon\\.ico|manifest\\.json|((assets|static)/.+)?)"
    "|/gradio_api/(info|app_id|startup-events|cancel|reset|run/predict|queue/(join|data)|heartbeat/[^/]+)"
)
"""
What the page itself asks for; at `run/predict` Gradio refuses whatever has to queue. Its other
addresses lead past the queue, too (`api`), take files (`upload`), or serve programs (`call`).
"""


class Guard:
    """
    ASGI middleware: pages of others are not answered, and no addresses but `USED`.

    # Parameters

    app : `ASGIApp`
    hosts : `Collection[str]`, optional (default = any)
        The names by which the demo may be called, see `addresses.names_of`.
    """

    def __init__(self, app: ASGIApp, hosts: Optional[Collection[str]] = None) -> None:
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = None
        if self._is_of_a_stranger(headers.get("host"), headers.get("origin")):
            refusal = PlainTextResponse("this demo does not answer to pages of others", 403)
        elif not USED.fullmatch(scope["path"]):
            refusal = PlainTextResponse("the page of this demo asks for nothing here", 404)
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        begun = False

        async def without_frames(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = "frame-ancestors 'none'"
            await send(message)

        try:
            await self.app(scope, receive, without_frames)
        except Exception as error:
            # Of functions that the page does not have, and the like: no traceback, as anybody could
            # fill the terminal with them.
            kind = type(error).__name__
            logger.error("the demo failed to answer %r (%s)", scope["path"], kind)
            if not begun:
                await PlainTextResponse("the demo failed to answer", 500)(scope, receive, send)

    def _is_of_a_stranger(self, host: Optional[str], origin: Optional[str]) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname
            asking = urlsplit(origin).netloc if origin is not None else host
        except ValueError:
            return True
        return asking != host or (self.hosts is not None and name not in self.hosts)
