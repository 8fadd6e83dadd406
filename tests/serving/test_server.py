"""`facade serve` in a process of its own, asked over the network as clients do."""

import http.client
import json
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from allennlp.predictors import Predictor

from facade_allennlp.archives import load
from fixtures.pages import listening

pytest.importorskip("allennlp_server")
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
        with ThreadPoolExecutor(4) as clients:
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
