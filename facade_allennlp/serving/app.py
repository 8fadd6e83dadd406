"""The web application: allennlp-server's routes, with errors in JSON and a page of our own."""

import json
import re
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlsplit

from allennlp.common.checks import ConfigurationError
from allennlp.predictors import Predictor
from allennlp_server.commands import server_simple
from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from flask_cors import CORS
from werkzeug.exceptions import (
    BadRequest,
    Forbidden,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from facade_allennlp.display.templates import template
from facade_allennlp.errors import InputError, describe
from facade_allennlp.lines import strict_json
from facade_allennlp.serving.checked import CheckedPredictor
from facade_allennlp.web.limits import Limits, TooMuchWorkError

TEMPLATE = "page.html.jinja"
ROUTES = ("/predict", "/predict_batch")
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def make_app(
    predictor: Predictor,
    limits: Optional[Limits] = None,
    title: str = "AllenNLP",
    field_names: Optional[Sequence[str]] = None,
    static_dir: Optional[str] = None,
    allowed_origins: Sequence[str] = (),
    hosts: Optional[Collection[str]] = None,
) -> Flask:
    """
    The application that answers with a predictor.

    >>> make_app(Predictor.from_archive(load("runs/f"), "explaining")).run(port=8000)

    # Parameters

    predictor : `Predictor`
    limits : `Limits`, optional
    title : `str`
        Names on the page what is served.
    field_names : `Sequence[str]`, optional (default = those of the predictor)
        The texts that the page asks for.
    static_dir : `str`, optional
        A folder whose `index.html` takes the page's place.
    allowed_origins : `Sequence[str]`, optional (default = none)
        Sites whose pages may send requests (CORS).
    hosts : `Collection[str]`, optional (default = any)
        The names by which clients may call the server: a page of a stranger whose name was made to
        point to this machine (DNS rebinding) uses its own.

    # Raises

    `ConfigurationError` : there is no `index.html` in `static_dir`.
    """
    if static_dir is not None and not (Path(static_dir) / "index.html").is_file():
        raise ConfigurationError(f"{static_dir}: there is no index.html to serve")
    limits = limits or Limits()
    checked: Any = CheckedPredictor(predictor, limits)
    names = list(field_names or checked.fields or ())
    app: Flask = server_simple.make_app(checked, names, static_dir, title=title)
    app.json = StrictJSON(app)
    app.config["MAX_CONTENT_LENGTH"] = limits.request_bytes
    if static_dir is None:
        app.view_functions["index"] = lambda: _page(title, names)
        app.view_functions["static_proxy"] = _nothing_else
    _add_errors(app, limits)
    _add_guards(app, limits, hosts)
    if allowed_origins:
        CORS(
            app,
            resources=list(ROUTES),
            origins=[_pattern(origin) for origin in allowed_origins],
            methods=["POST"],
            allow_headers=["Content-Type"],
        )
    return app


def _pattern(origin: str) -> str | re.Pattern[str]:
    """Flask-CORS takes some origins for patterns: those are to match to the letter."""
    return origin if origin == "*" else re.compile(re.escape(origin) + r"\Z")


class StrictJSON(DefaultJSONProvider):
    """JSON as its standard has it, without `NaN` and infinities, in both directions."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        try:
            return strict_json(s if isinstance(s, str) else s.decode("utf-8-sig"))
        except ValueError as error:
            raise BadRequest(f"the request is no valid JSON: {describe(error)}") from None

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        return super().dumps(obj, allow_nan=False, **kwargs)


def _add_errors(app: Flask, limits: Limits) -> None:
    """Every error is `{"message": ...}`."""
    sentences = {
        403: "this server does not go by the name that the request calls it",
        413: f"the request is too large: {limits.request_bytes} bytes are the most",
        415: "send the request as JSON, with the header Content-Type: application/json",
        500: "the server failed to answer this request; its log tells more",
    }

    def http_answer(error: HTTPException) -> Any:
        code = error.code or 500
        if code < 400:
            return error
        if code == 405 and request.path not in ("/", *ROUTES):
            code = 404
        if code == 404:
            message = f"there is no {request.path}: POST to {' or '.join(ROUTES)}"
        elif code == 405:
            message = f"{request.method} is not for {request.path}"
        else:
            message = sentences.get(code) or error.description or error.name
        response = jsonify(message=" ".join(message.split()))
        response.status_code = code
        if code == 405:
            response.headers.extend(
                [header for header in error.get_headers() if header[0] == "Allow"]
            )
        return response

    def user_answer(error: Exception) -> Any:
        return jsonify(message=describe(error)), 400

    def work_answer(error: TooMuchWorkError) -> Any:
        return jsonify(message=describe(error)), 413

    def depth_answer(error: RecursionError) -> Any:
        return jsonify(message="the request is nested too deeply"), 400

    app.register_error_handler(HTTPException, http_answer)
    app.register_error_handler(ConfigurationError, user_answer)
    app.register_error_handler(InputError, user_answer)
    app.register_error_handler(TooMuchWorkError, work_answer)
    app.register_error_handler(RecursionError, depth_answer)


def _add_guards(app: Flask, limits: Limits, hosts: Optional[Collection[str]]) -> None:
    def check_host() -> None:
        if hosts is not None and "Host" in request.headers:
            try:
                name = urlsplit(f"//{request.headers['Host']}").hostname
            except ValueError:
                name = None
            if name not in hosts:
                raise Forbidden

    def check_size_of_chunks() -> None:
        """Werkzeug cuts a body without a length off at the limit, and says nothing."""
        chunked = "Transfer-Encoding" in request.headers
        if chunked and len(request.get_data()) >= limits.request_bytes:
            raise RequestEntityTooLarge

    def add_headers(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    app.before_request(check_host)
    app.before_request(check_size_of_chunks)
    app.after_request(add_headers)


def _nothing_else(path: str) -> Response:
    """For allennlp-server's route of all that is asked for by GET."""
    if f"/{path}" in ROUTES:
        raise MethodNotAllowed(["POST", "OPTIONS"])
    raise NotFound


def _page(title: str, field_names: Sequence[str]) -> Response:
    example = dict.fromkeys(field_names, "...")
    page = template("facade_allennlp.serving", TEMPLATE).render(
        title=title,
        fields=field_names,
        commands=[
            f"curl {shlex.quote(request.host_url.rstrip('/') + route)} "
            f"-H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}"
            for route, body in zip(ROUTES, (example, [example, example]))
        ],
    )
    headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return Response(page, mimetype="text/html", headers=headers)
