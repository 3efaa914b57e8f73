"""`pii-sft serve`: the HTTP service."""

import argparse
import signal
import socket
import sys
from types import FrameType

from pii_sft.cli.keys import keys_from_environment
from pii_sft.cli.parser import Commands, add_model, load_detector, positive
from schemas.errors import PiiSftError


def add_parser(commands: Commands) -> None:
    """Add the command `serve`."""
    parser = commands.add_parser("serve", help="answer /detect, /redact, /restore, /types and /health over HTTP")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8000, help="port, 0 for any free one (default: 8000)")
    limit, help_limit = 1_000_000, "most characters in one request (default: 1000000)"
    parser.add_argument("--max-characters", type=positive, default=limit, metavar="N", help=help_limit)
    add_model(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    import uvicorn

    from serving.app import create_app

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            """Say where it listens once it answers, and so once it handles signals."""
            await super().startup(sockets)
            print(f"pii-sft listens on http://{_address(listener)}", flush=True)

    signal.signal(signal.SIGTERM, _stop)
    with _listen(arguments.host, arguments.port) as listener:
        app = create_app(load_detector(arguments).engine, arguments.max_characters, keys_from_environment())
        config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)
        Server(config).run(sockets=[listener])


def _stop(_: int, __: FrameType | None) -> None:
    """Exit with 0 on SIGTERM; uvicorn finishes open requests first and then raises the signal again."""
    sys.exit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise PiiSftError(f"cannot listen on {host} port {port}: {error.strerror}") from None


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("not a port from 0 to 65535")
    return int(text)
