"""`facade serve --archive-path ARCHIVE`"""

import argparse
import importlib.util
import logging
from urllib.parse import urlsplit

from facade_allennlp.commands.arguments import add_model_options, model_options, named_locations
from facade_allennlp.commands.command import Command
from facade_allennlp.errors import InputError
from facade_allennlp.lines import json_object
from facade_allennlp.web.limits import Limits


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """All of allennlp-server's `serve`, whose place this takes, and some more."""
    parser.add_argument("--archive-path", required=True, help="archive or folder")
    parser.add_argument("--predictor", default="explaining", help="a registered name")
    parser.add_argument("--cuda-device", type=int, default=-1, help="-1 for the CPU")
    parser.add_argument(
        "-o", "--overrides", default="", metavar="JSON", help="changes of the archive's config"
    )
    parser.add_argument(
        "--static-dir", metavar="FOLDER", help="serve the index.html of this folder"
    )
    parser.add_argument("--title", help="of the page (default: the archive's name)")
    parser.add_argument(
        "--field-name",
        action="append",
        dest="field_names",
        metavar="NAME",
        help="a text that the page asks for; can be given several times (default: the predictor's)",
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="whom to listen to: without it, this machine alone"
    )
    parser.add_argument("-p", "--port", type=int, default=8000, help="0 for any that is free")
    parser.add_argument(
        "--predictor-args",
        default="{}",
        metavar="JSON",
        help='settings of the predictor, such as \'{"methods": ["gradient", "lrp"]}\'',
    )
    parser.add_argument(
        "--max-text-length", type=int, default=Limits.text_length, help="characters of one text"
    )
    parser.add_argument(
        "--max-request-bytes", type=int, default=Limits.request_bytes, help="bytes of one request"
    )
    parser.add_argument("--max-batch", type=int, default=Limits.batch, help="inputs in one request")
    parser.add_argument(
        "--max-work",
        type=int,
        default=Limits.work,
        help="tokens that all passes of the model take for one request (default: %(default)s)",
    )
    parser.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="a site, such as https://example.org, whose pages may send requests; can be given "
        "several times (default: none)",
    )
    add_model_options(parser, overrides=False)  # which is above, as allennlp-server spells it


def run(args: argparse.Namespace) -> None:
    for name in ("allennlp_server", "uvicorn", "a2wsgi"):
        if importlib.util.find_spec(name) is None:
            raise InputError(f"serving needs {name}: pip install 'facade-allennlp[serve]'")
    from facade_allennlp.archives import load
    from facade_allennlp.serving import make_app
    from facade_allennlp.serving.checked import predictor_of
    from facade_allennlp.serving.server import asgi
    from facade_allennlp.web.addresses import names_of, warn_if_open
    from facade_allennlp.web.http_server import Server, address, bound

    logging.getLogger("allennlp_server").setLevel(logging.WARNING)  # it logs whole requests
    limits = Limits(args.max_text_length, args.max_request_bytes, args.max_batch, args.max_work)
    given = {name: value for name, value in model_options(args).items() if value is not None}
    settings = {**json_object(args.predictor_args), **given}
    for origin in args.allow_origin:
        _check_origin(origin)
    listening = bound(args.host, args.port)
    archive = load(args.archive_path, args.cuda_device, args.overrides)
    app = make_app(
        predictor_of(archive, args.predictor, settings),
        limits,
        title=args.title or next(iter(named_locations([args.archive_path]))),
        field_names=args.field_names,
        static_dir=args.static_dir,
        allowed_origins=args.allow_origin,
        hosts=names_of(args.host),
    )
    warn_if_open(args.host)
    print(f"serving {args.archive_path} on {address(listening)}", flush=True)
    Server(asgi(app), limits.request_bytes).run(sockets=[listening])
    print("stopped")


def _check_origin(origin: str) -> None:
    parts = urlsplit(origin)
    whole = parts.netloc and "*" not in origin and origin == f"{parts.scheme}://{parts.netloc}"
    if origin != "*" and not whole:
        raise InputError(
            f"--allow-origin {origin!r} is no origin, which is written https://example.org"
        )


COMMAND = Command(
    "serve",
    help="Serve a model and its explanations by HTTP.",
    description="Answer requests with a model's predictions and their explanations, as JSON over "
    "HTTP.",
    add_arguments=add_arguments,
    run=run,
)
