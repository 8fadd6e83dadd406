"""The web application, without a server around it."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor
from flask.testing import FlaskClient

from facade_allennlp.archives import load
from facade_allennlp.errors import InputError

pytest.importorskip("allennlp_server")

from facade_allennlp.serving import Limits, make_app

GOOD = {"sentence": "a lovely film"}
LIMITS = Limits(text_length=300, request_bytes=5000, batch=3)


@pytest.fixture(scope="module")
def predictor(archives: dict[str, str]) -> Predictor:
    return Predictor.from_archive(load(archives["f"]), "explaining")


@pytest.fixture(scope="module")
def plain(archives: dict[str, str]) -> Predictor:
    return Predictor.from_archive(load(archives["f"]), "text_classifier")


@pytest.fixture(scope="module")
def client(predictor: Predictor) -> FlaskClient:
    return make_app(predictor, LIMITS, title="tiny").test_client()


def refusal(client: FlaskClient, path: str, status: int, **request: Any) -> str:
    """The sentence of a response that says no."""
    response = client.post(path, **request)
    assert response.status_code == status, response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.content_type == "application/json"
    assert list(response.json) == ["message"]
    message = response.json["message"]
    assert isinstance(message, str)
    assert "\n" not in message
    assert "Traceback" not in message
    return message


def test_answers_are_those_of_the_predictor(client: FlaskClient, predictor: Predictor) -> None:
    expected = json.loads(json.dumps(predictor.predict_json(GOOD)))
    assert client.post("/predict", json=GOOD).json == expected
    other = {"sentence": "the plot was dull", "label": "negative"}
    both = json.loads(json.dumps(predictor.predict_batch_json([GOOD, other])))
    assert client.post("/predict_batch", json=[GOOD, other]).json == both


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "no valid JSON"),
        (b"{", "no valid JSON"),
        (b'{"sentence": "a\xff"}', "no valid JSON"),
        (b'{"sentence": NaN}', "NaN is no number"),
        (b'{"sentence": "a film", "weight": -Infinity}', "-Infinity is no number"),
        (b'{"sentence": 1' + 4500 * b"0" + b"}", "no valid JSON"),
        (b"[" * 2400 + b"]" * 2400, "nested too deeply"),
        (b'{"sentence": ' + b"[" * 900 + b"]" * 900 + b"}", "sentence|nested"),
        (b'{"sentence": "a \\ud800 film"}', "half of a character"),
        (b"null", "an input is an object with 'sentence', not None"),
        (b"[]", "an input is an object"),
        (b'"a film"', "an input is an object"),
        (b"{}", "an input needs 'sentence', but this one has nothing"),
        (b'{"text": "a film"}', "needs 'sentence', but this one has 'text'"),
        (b'{"sentence": null}', "has to be a text"),
        (b'{"sentence": 3}', "has to be a text"),
        (b'{"sentence": " \\n"}', "'sentence' is empty"),
        (b'{"sentence": "\\u0000\\u200b\\ufeff"}', "'sentence' is empty"),
        ('{"sentence": "\ufffd"}'.encode(), "the tokenizer leaves nothing of 'sentence'"),
        (json.dumps({"sentence": 301 * "a"}).encode(), "301 characters, .* 300 at most"),
        (json.dumps({"sentence": 60 * "film "}).encode(), "62 tokens long, .* 48 positions"),
    ],
    ids=range(21),
)
def test_what_a_request_lacks_is_said_in_a_sentence(
    client: FlaskClient, body: bytes, message: str
) -> None:
    said = refusal(client, "/predict", 400, data=body, content_type="application/json")
    assert re.search(message, said), said
    assert client.post("/predict", json=GOOD).status_code == 200


def test_a_byte_order_mark_is_passed_over(client: FlaskClient) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(GOOD).encode()
    response = client.post("/predict", data=body, content_type="application/json")
    assert response.json == client.post("/predict", json=GOOD).json


def test_a_text_that_is_too_long_for_the_encoder_is_refused_without_explanations_too(
    plain: Predictor,
) -> None:
    client = make_app(plain).test_client()
    assert client.post("/predict", json=GOOD).json == json.loads(
        json.dumps(plain.predict_json(GOOD))
    )
    assert "48 positions" in refusal(client, "/predict", 400, json={"sentence": 60 * "film "})


@pytest.mark.parametrize(
    ("batch", "message"),
    [
        ([], "1 to 3 inputs, but this one has 0"),
        ([GOOD] * 4, "1 to 3 inputs, but this one has 4"),
        (GOOD, "a batch is a list"),
        ("a film", "a batch is a list"),
        ([GOOD, {}], "input 2: an input needs"),
        ([GOOD, GOOD, {"sentence": ""}], "input 3: 'sentence' is empty"),
        ([{"sentence": 301 * "a"}], "input 1: 'sentence' has 301"),
        ([GOOD, {"sentence": 60 * "film "}], "input 2: a text is 62 tokens"),
    ],
)
def test_the_bad_input_of_a_batch_is_numbered(
    client: FlaskClient, batch: Any, message: str
) -> None:
    assert message in refusal(client, "/predict_batch", 400, json=batch)


def test_more_work_than_allowed_is_refused_before_it_begins(archives: dict[str, str]) -> None:
    settings = {"methods": [{"type": "lime", "samples": 100}]}
    predictor = Predictor.from_archive(load(archives["f"]), "explaining", extra_args=settings)
    tokens = len(predictor.predict_json(GOOD)["tokens"])
    work = (2 + 100) * tokens  # predicted twice, and in the passes of LIME
    client = make_app(predictor, Limits(work=2 * work)).test_client()
    assert client.post("/predict", json=GOOD).status_code == 200
    assert client.post("/predict_batch", json=[GOOD] * 2).status_code == 200
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predictor._model, "forward", None)
        said = refusal(client, "/predict_batch", 413, json=[GOOD] * 3)
    assert f"this takes {3 * work:,} tokens in all passes of the model, and {2 * work:,}" in said


def test_a_large_batch_is_answered_part_by_part(archives: dict[str, str]) -> None:
    settings = {"max_batch_tokens": 16}
    predictor = Predictor.from_archive(load(archives["f"]), "explaining", extra_args=settings)
    client = make_app(predictor, LIMITS).test_client()
    texts = ["a lovely film", "the plot was dull and the film was dull", "a film"]
    answers = client.post("/predict_batch", json=[{"sentence": text} for text in texts]).json
    for text, answer in zip(texts, answers, strict=True):
        alone = client.post("/predict", json={"sentence": text}).json
        assert answer["explanation"]["tokens"] == alone["explanation"]["tokens"]
        assert answer["probs"] == pytest.approx(alone["probs"], abs=1e-6)
        found, expected = (
            one["explanation"]["methods"]["gradient"]["attribution"] for one in (answer, alone)
        )
        assert found == pytest.approx(expected, abs=1e-5)
    wrong = [{"sentence": text} for text in (*texts[:2], "film " * 60)]
    assert "input 3: a text is 62 tokens" in refusal(client, "/predict_batch", 400, json=wrong)


def test_an_unknown_class_is_refused(archives: dict[str, str]) -> None:
    settings = {"explained_class": "gold"}
    predictor = Predictor.from_archive(load(archives["f"]), "explaining", extra_args=settings)
    client = make_app(predictor).test_client()
    labelled = [{**GOOD, "label": label} for label in ("positive", "good")]
    assert client.post("/predict", json=labelled[0]).json["explanation"]["class"] == "positive"
    assert "no class 'good'" in refusal(client, "/predict", 400, json=labelled[1])
    assert "input 2: " in refusal(client, "/predict_batch", 400, json=labelled)
    assert "there is no label" in refusal(client, "/predict", 400, json=GOOD)


def test_a_request_is_json_and_no_larger_than_allowed(client: FlaskClient) -> None:
    body = json.dumps(GOOD)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
        message = refusal(client, "/predict", 415, data=body, content_type=kind)
        assert "Content-Type: application/json" in message
    assert "5000 bytes" in refusal(client, "/predict", 413, json={"sentence": 5000 * "a"})
    assert "5000 bytes" in refusal(client, "/predict_batch", 413, json=400 * [GOOD])


def test_unknown_places_and_methods(client: FlaskClient) -> None:
    assert "there is no /nope" in refusal(client, "/nope", 404, json=GOOD)
    missing = client.get("/nope.html")
    assert (missing.status_code, list(missing.json)) == (404, ["message"])
    wrong = client.get("/predict")
    assert (wrong.status_code, wrong.json) == (405, {"message": "GET is not for /predict"})
    assert set(wrong.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize("answer", [RuntimeError("secret"), {"loss": float("nan")}])
def test_a_failure_of_the_server_tells_no_secret(
    monkeypatch: pytest.MonkeyPatch,
    plain: Predictor,
    caplog: pytest.LogCaptureFixture,
    answer: Any,
) -> None:
    def failing(request: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(plain, "predict_json", failing)
    client = make_app(plain).test_client()
    assert "its log tells more" in refusal(client, "/predict", 500, json=GOOD)
    assert caplog.records[-1].exc_info
    monkeypatch.undo()
    assert client.post("/predict", json=GOOD).status_code == 200


class Unknown(Predictor):
    """Of a kind whose fields this package does not know."""

    def _json_to_instance(self, json_dict: Any) -> Any:
        return self._dataset_reader.text_to_instance(json_dict["story"].lower())


def test_predictors_whose_fields_are_unknown(plain: Predictor) -> None:
    client = make_app(Unknown(plain._model, plain._dataset_reader)).test_client()
    assert client.post("/predict", json={"story": "A film"}).status_code == 200
    assert "needs 'story'" in refusal(client, "/predict", 400, json=GOOD)
    assert "cannot read" in refusal(client, "/predict", 400, json={"story": 3})
    assert "is an object" in refusal(client, "/predict", 400, json=[])
    assert 'for="whole"' in client.get("/").text


def test_no_other_site_may_ask_unless_allowed(plain: Predictor) -> None:
    site = "https://example.org"
    preflight = {"Origin": site, "Access-Control-Request-Method": "POST"}
    closed = make_app(plain).test_client()
    opened = make_app(plain, allowed_origins=[site]).test_client()
    for client, granted in ((closed, None), (opened, site)):
        for response in (
            client.options("/predict", headers=preflight),
            client.post("/predict", json=GOOD, headers={"Origin": site}),
            client.post("/predict", json={}, headers={"Origin": site}),
        ):
            assert response.headers.get("Access-Control-Allow-Origin") == granted
    for stranger in ("https://example.org.evil.net", "https://exampleXorg", "null"):
        answer = opened.post("/predict", json=GOOD, headers={"Origin": stranger})
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_strange_name_for_this_machine_is_refused(plain: Predictor) -> None:
    client = make_app(plain, hosts={"localhost", "127.0.0.1", "::1"}).test_client()
    for name in ("localhost", "127.0.0.1:8000", "[::1]:8000"):
        assert client.post("/predict", json=GOOD, headers={"Host": name}).status_code == 200
    for name in ("evil.net:8000", "localhost.evil.net", "[::1", ""):
        message = refusal(client, "/predict", 403, json=GOOD, headers={"Host": name})
        assert "does not go by the name" in message
        assert client.get("/", headers={"Host": name}).status_code == 403


def test_the_page_escapes_and_names_the_fields(plain: Predictor) -> None:
    title = "</title><script>alert(1)</script>"
    app = make_app(plain, title=title, field_names=["sentence", "it's \"<b>"])
    page = app.test_client().get("/", headers={"Host": "localhost:8000"})
    policy = page.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; script-src")
    assert "connect-src 'self'" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>alert" not in page.text
    assert "<b>" not in page.text
    assert "innerHTML" not in page.text
    assert '<label for="field-1">sentence</label>' in page.text
    assert "curl http://localhost:8000/predict_batch" in page.text


def test_a_folder_of_ones_own(plain: Predictor, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no index\.html"):
        make_app(plain, static_dir=str(tmp_path))
    (tmp_path / "index.html").write_text("mine")
    (tmp_path / "more.txt").write_text("more")
    client = make_app(plain, static_dir=str(tmp_path)).test_client()
    assert client.get("/").text == "mine"
    assert client.get("/more.txt").text == "more"
    for path in ("/none.txt", "/../test_app.py", "/%2e%2e/x"):
        missing = client.get(path)
        assert (missing.status_code, list(missing.json)) == (404, ["message"])


@pytest.mark.parametrize("wrong", [{"text_length": 0}, {"request_bytes": -1}, {"work": 0}])
def test_limits_leave_something(wrong: dict[str, int]) -> None:
    with pytest.raises(InputError, match="at least 1"):
        Limits(**wrong)


def test_requests_at_once_are_answered_as_one_by_one(client: FlaskClient) -> None:
    texts = ["a lovely film", "the plot was dull", "she was good", "he was not"]
    requests = [{"sentence": text} for text in texts] * 4
    expected = [client.post("/predict", json=request).json for request in requests]

    def ask(request: dict[str, str]) -> Any:
        return client.application.test_client().post("/predict", json=request).json

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, requests)) == expected
