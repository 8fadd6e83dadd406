"""`facade serve` in a process of its own, asked over the network as clients do."""

import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest
from allennlp.predictors import Predictor

from facade_allennlp.archives import load
from facade_allennlp.attribution import lock
from facade_allennlp.web.http_server import Server, bound, running
from fixtures.pages import listening

pytest.importorskip("allennlp_server")

from facade_allennlp.serving import make_app
from facade_allennlp.serving.server import asgi

pytestmark = pytest.mark.slow

INPUTS = [
    {"sentence": text}
    for text in ("a lovely film", "the plot was dull", "a film", "the plot was a lovely plot")
]
BAD: list[tuple[str, bytes, int]] = [
    ("/predict", b"{", 400),
    ("/predict", b'{"text": "a film"}', 400),
    ("/predict", b'{"sentence": ""}', 400),
    ("/predict", json.dumps({"sentence": 200_000 * "a "}).encode(), 413),
    ("/predict_batch", b"[]", 400),
    ("/predict_batch", b'[{"sentence": "a film"}, {"sentence": 3}]', 400),
    ("/nowhere", b"{}", 404),
]


def post(connection: http.client.HTTPConnection, path: str, body: bytes) -> tuple[int, Any]:
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def approximately(found: Any, expected: Any) -> bool:
    """Equal but for what rounding makes of numbers."""
    if isinstance(expected, dict):
        return found.keys() == expected.keys() and all(
            approximately(found[name], value) for name, value in expected.items()
        )
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(approximately, found, expected))
    if isinstance(expected, float):
        return bool(found == pytest.approx(expected, rel=1e-4, abs=1e-6))
    return bool(found == expected)


def ask_often(
    port: int, number: int, expected: list[Any], batch: list[Any], times: int = 50
) -> None:
    """One client's requests, good ones and bad ones; `batch` is the answer to all texts at once."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for turn in range(times):
        place = (turn + number) % len(INPUTS)
        status, answer = post(connection, "/predict", json.dumps(INPUTS[place]).encode())
        assert status == 200, answer
        assert approximately(answer, expected[place])
        if turn % 5 == 0:
            path, wrong, refused = BAD[(turn // 5 + number) % len(BAD)]
            status, answer = post(connection, path, wrong)
            assert (status, list(answer)) == (refused, ["message"])
        if turn % 25 == 0:
            body = json.dumps(INPUTS).encode()
            status, answer = post(connection, "/predict_batch", body)
            assert status == 200, answer
            assert approximately(answer, batch)
    connection.close()


def test_many_clients_good_and_bad_requests_and_ctrl_c(archives: dict[str, str]) -> None:
    settings = {"methods": ["gradient"]}
    predictor = Predictor.from_archive(load(archives["f_ft"]), "explaining", extra_args=settings)
    expected = json.loads(json.dumps([predictor.predict_json(entry) for entry in INPUTS]))
    batch = json.loads(json.dumps(predictor.predict_batch_json(INPUTS)))
    with listening(
        "serve",
        "--archive-path", archives["f_ft"], "--predictor-args", json.dumps(settings),
        "--max-request-bytes", "100000", "--port", "0",
    ) as (port, process):  # fmt: skip
        with ExitStack() as stack, ThreadPoolExecutor(4) as clients:
            for number in range(100):
                half_open = socket.create_connection(("127.0.0.1", port))
                stack.enter_context(half_open).sendall(b"POST /predict HTTP/1.1\r\n"[:number])
            jobs = [clients.submit(ask_often, port, number, expected, batch) for number in range(4)]
            for job in jobs:
                job.result(timeout=240)
        without_length_is_bounded(port)
        ask_often(port, 0, expected, batch, times=2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out == "stopped\n"
    assert "Traceback" not in err


def without_length_is_bounded(port: int) -> None:
    """A request in chunks, which does not say how long it is."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    chunks = (b"a" * 10_000 for _ in range(100))
    connection.request(
        "POST", "/predict", chunks, {"Content-Type": "application/json"}, encode_chunked=True
    )
    response = connection.getresponse()
    assert response.status == 413
    assert "100000 bytes" in json.loads(response.read())["message"]
    connection.close()


LONG = {"methods": [{"type": "lime", "samples": 60}], "max_batch_tokens": 1}
"""Sixty passes, one after another."""


@pytest.fixture(scope="module")
def ports(archives: dict[str, str]) -> Iterator[tuple[Predictor, list[int]]]:
    """Of one model two servers: the answers of the first take long, those of the second do not."""
    archive = load(archives["f_ft"])
    explaining = Predictor.from_archive(archive, "explaining", extra_args=LONG)
    plain = Predictor.from_archive(archive, "text_classifier")
    with ExitStack() as stack:
        urls = [
            stack.enter_context(
                running(Server(asgi(make_app(predictor)), 10_000), bound("127.0.0.1", 0))
            )
            for predictor in (explaining, plain)
        ]
        yield explaining, [int(url.rsplit(":", 1)[1]) for url in urls]


def test_short_requests_are_answered_while_a_long_one_is(
    ports: tuple[Predictor, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "TURN", 0)
    explaining, (long, short) = ports
    expected = json.loads(json.dumps(explaining.predict_json(INPUTS[0])))
    body = json.dumps(INPUTS[0]).encode()
    with ThreadPoolExecutor(1) as clients:
        slow = http.client.HTTPConnection("127.0.0.1", long, timeout=60)
        answer = clients.submit(post, slow, "/predict", body)
        quick = http.client.HTTPConnection("127.0.0.1", short, timeout=60)
        for _ in range(2):
            assert post(quick, "/predict", body)[0] == 200
            assert not answer.done()
        assert answer.result() == (200, expected)


def test_what_a_client_asked_that_has_left_is_not_computed_to_its_end(
    ports: tuple[Predictor, list[int]],
) -> None:
    explaining, (long, short) = ports
    passes = 0

    def count(*_: Any) -> None:
        nonlocal passes
        passes += 1

    handle = explaining._model.register_forward_pre_hook(count)
    slow = http.client.HTTPConnection("127.0.0.1", long)
    body = json.dumps(INPUTS[0])
    slow.request("POST", "/predict", body, {"Content-Type": "application/json"})
    while passes < 5:
        time.sleep(0.01)
    slow.close()
    seen = -1
    while seen < passes:
        seen = passes
        time.sleep(0.5)
    handle.remove()
    assert passes < 50
    quick = http.client.HTTPConnection("127.0.0.1", short, timeout=60)
    assert post(quick, "/predict", body.encode())[0] == 200
