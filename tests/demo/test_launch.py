"""The demo behind its server, asked as its page asks, and otherwise."""

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from facade_allennlp.demo.app import Demo
from facade_allennlp.demo.comparison import Comparison
from facade_allennlp.demo.launch import server_of
from facade_allennlp.web.http_server import bound, running

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def port(sentiment: Comparison) -> Iterator[int]:
    with running(server_of(Demo(sentiment, ["gradient"]), HOST), bound(HOST, 0)) as url:
        yield int(url.rsplit(":", 1)[1])


def ask(port: int, path: str, body: Any = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection(HOST, port, timeout=60)
    method = "GET" if body is None else "POST"
    connection.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def question(port: int) -> dict[str, Any]:
    """What the page sends for a click on *Explain*."""
    functions = json.loads(ask(port, "/config")[1])["dependencies"]
    (number,) = [f["id"] for f in functions if f["targets"] and "click" in f["targets"][0][1] and
                 len(f["inputs"]) == 4 and f["outputs"] and f["backend_fn"]]  # fmt: skip
    data = ["a lovely film", ["gradient"], "predicted", []]
    return {"fn_index": number, "data": data, "session_hash": "somebody"}


def test_the_page_is_there(port: int) -> None:
    status, page = ask(port, "/")
    assert status == 200
    assert "Compare f, f_ft" in page


def test_who_joins_the_queue_is_answered(port: int) -> None:
    status, joined = ask(port, "/gradio_api/queue/join", question(port))
    assert (status, list(json.loads(joined))) == (200, ["event_id"])
    _, told = ask(port, "/gradio_api/queue/data?session_hash=somebody")
    assert "predicts <strong>" in told


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/run/answering", "/gradio_api/api/predict", "/gradio_api/call/answering",
        "/gradio_api/call/v2/answering", "/gradio_api//run/predict", "/gradio_api/upload",
        "/gradio_api/component_server", "/gradio_api/%63all/answering", "/run/predict",
        "/api/predict",
    ],
)  # fmt: skip
def test_the_queue_cannot_be_gone_around(port: int, path: str) -> None:
    status, answer = ask(port, path, question(port))
    assert status == 404
    assert answer == "the page of this demo asks for nothing here"


@pytest.mark.parametrize(
    "wrong",
    [
        {"data": ["a film", 5, [], {}]},
        {"data": ["a film", ["nothing"], "predicted", []]},
        {"data": []},
        {"data": 5},
        {"fn_index": 99},
        {"fn_index": -1},
    ],
)
def test_what_no_page_asks_is_refused_without_a_traceback(
    port: int, wrong: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    session = {"session_hash": str(wrong)}
    status, answer = ask(port, "/gradio_api/queue/join", question(port) | session | wrong)
    if status == 200:
        path = f"/gradio_api/queue/data?session_hash={quote(str(wrong))}"
        _, answer = ask(port, path)
        assert '"success":false' in answer
    told = answer + "".join(capfd.readouterr())
    assert "Traceback" not in told
    assert "site-packages" not in told


def test_gradio_refuses_questions_that_do_not_queue(port: int) -> None:
    for more in ({}, {"event_id": "mine"}, {"trigger_id": 1, "batched": False}):
        status, answer = ask(port, "/gradio_api/run/predict", question(port) | more)
        assert status == 404
        assert "join the queue" in json.loads(answer)["detail"]
