"""`allennlp serve --archive-path ARCHIVE`"""

import argparse
import logging
import signal
import socket
from collections.abc import Iterable, Mapping
from types import FrameType
from typing import Any, Optional
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import gevent
from allennlp.commands.subcommand import Subcommand
from allennlp.common.checks import ConfigurationError
from allennlp.models.archival import Archive
from allennlp.predictors import Predictor
from allennlp_server.commands.server_simple import SimpleServer
from gevent.pywsgi import WSGIServer

from facade_allennlp.archives import load
from facade_allennlp.commands.arguments import named_locations
from facade_allennlp.commands.user_errors import one_sentence, quiet
from facade_allennlp.results.configs import json_object
from facade_allennlp.serving import Limits, make_app
from facade_allennlp.web.addresses import names_of, warn_if_open


@Subcommand.register("serve", exist_ok=True)
class Serve(SimpleServer):
    """Takes the place of allennlp-server's `serve`, and all its arguments."""

    def add_subparser(self, parser: argparse._SubParsersAction) -> argparse.ArgumentParser:
        subparser: argparse.ArgumentParser = super().add_subparser(parser)
        subparser.description = (
            "Answer requests with a model's predictions and their explanations, as JSON over HTTP."
        )
        subparser.add_argument(
            "--predictor-args",
            default="{}",
            metavar="JSON",
            help='settings of the predictor, such as \'{"methods": ["gradient", "lrp"]}\'',
        )
        subparser.add_argument(
            "--max-text-length",
            type=int,
            default=Limits.text_length,
            help="characters of one text (default: %(default)s)",
        )
        subparser.add_argument(
            "--max-request-bytes",
            type=int,
            default=Limits.request_bytes,
            help="bytes of one request (default: %(default)s)",
        )
        subparser.add_argument(
            "--max-batch",
            type=int,
            default=Limits.batch,
            help="inputs in one request (default: %(default)s)",
        )
        subparser.add_argument(
            "--allow-origin",
            action="append",
            default=[],
            metavar="ORIGIN",
            help="a site, such as https://example.org, whose pages may send requests; can be given "
            "several times (default: none)",
        )
        subparser.set_defaults(func=run, predictor="explaining", title=None)
        return subparser


@one_sentence
def run(args: argparse.Namespace) -> None:
    quiet()
    logging.getLogger("allennlp_server").setLevel(logging.WARNING)  # it logs whole requests
    limits = Limits(args.max_text_length, args.max_request_bytes, args.max_batch)
    settings = json_object(args.predictor_args)
    for origin in args.allow_origin:
        _check_origin(origin)
    server = _bound(args.host, args.port)
    archive = load(args.archive_path, args.cuda_device, args.overrides)
    app = make_app(
        made_predictor(archive, args.predictor, settings),
        limits,
        title=args.title or next(iter(named_locations([args.archive_path]))),
        field_names=args.field_names,
        static_dir=args.static_dir,
        allowed_origins=args.allow_origin,
        hosts=names_of(args.host),
    )
    server.application = _in_turn(app)
    warn_if_open(args.host)
    host = f"[{args.host}]" if ":" in args.host else args.host
    print(f"serving {args.archive_path} on http://{host}:{server.server_port}", flush=True)
    _serve(server)
    print("stopped")


def made_predictor(archive: Archive, name: str, settings: Mapping[str, Any]) -> Predictor:
    """
    # Raises

    `ConfigurationError` : there is no such predictor, or it does not take these settings.
    """
    try:
        return Predictor.from_archive(archive, name, extra_args=dict(settings))
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(
            f"--predictor-args do not suit the predictor {name!r}: {error}"
        ) from None


def _bound(host: str, port: int) -> WSGIServer:
    """Takes the port before the model is loaded: whether it is free is known at once."""
    if not 0 <= port <= 65535:
        raise ConfigurationError(f"--port is {port}, but ports are 0 to 65535")
    server = WSGIServer((host, port), log=None)
    try:
        server.init_socket()
        # Inherited by connections: headers and body are sent apart, and would wait for each other.
        server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError as error:
        raise ConfigurationError(
            f"cannot listen on {host}, port {port}: {error.strerror or error}"
        ) from None
    return server


def _in_turn(application: WSGIApplication) -> WSGIApplication:
    """Without it a client whose next request is there already would be served before all others."""

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        gevent.sleep(0)
        return application(environ, start_response)

    return answer


def _serve(server: WSGIServer) -> None:
    """Until Ctrl-C or SIGTERM: the first lets the request in progress end, the second does not."""
    loop = gevent.get_hub().loop

    def stop(number: int, frame: Optional[FrameType]) -> None:
        signal.signal(number, signal.SIG_DFL)
        loop.run_callback_threadsafe(server.close)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    server.serve_forever()


def _check_origin(origin: str) -> None:
    parts = urlsplit(origin)
    whole = parts.netloc and "*" not in origin and origin == f"{parts.scheme}://{parts.netloc}"
    if origin != "*" and not whole:
        raise ConfigurationError(
            f"--allow-origin {origin!r} is no origin, which is written https://example.org"
        )
