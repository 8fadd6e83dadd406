"""What pages of others may not do with the demo."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from facade_allennlp.demo.guard import Guard
from facade_allennlp.web.addresses import names_of

HOST = "127.0.0.1:7860"


def ask(host: str, listening_to: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    def answer(request: Request) -> PlainTextResponse:
        return PlainTextResponse("answer")

    app = Starlette(
        routes=[Route("/", answer, methods=["GET", "POST"])],
        middleware=[Middleware(Guard, hosts=names_of(listening_to))],
    )
    response = TestClient(app).post("/", headers={"host": host, **headers})
    return response.status_code, response.headers.get("content-security-policy", "")


@pytest.mark.parametrize("host", [HOST, "localhost:7860", "[::1]:7860"])
def test_pages_of_this_machine_are_answered_but_not_in_frames(host: str) -> None:
    assert ask(host) == (200, "frame-ancestors 'none'")
    assert ask(host, origin=f"http://{host}") == (200, "frame-ancestors 'none'")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "[", ""])
def test_strange_names_of_this_machine_are_refused(host: str) -> None:
    assert ask(host)[0] == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://["]
)
def test_pages_of_others_are_refused(origin: str) -> None:
    assert ask(HOST, origin=origin)[0] == 403


def test_where_everybody_may_ask_any_name_will_do_but_not_another_origin() -> None:
    assert ask("demo.example", "0.0.0.0")[0] == 200
    assert ask("demo.example", "0.0.0.0", origin="https://evil.example")[0] == 403
