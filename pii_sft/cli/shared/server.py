"""Runs an application as a server: its socket, its workers, TLS, and how it ends."""

import argparse
import ipaddress
import os
import re
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from pii_sft.cli.shared.engine_options import add_engine, default_engine
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import Parser
from schemas.errors import ModelError, PiiSftError
from serving.service.settings import HELP, SECRET, ServiceSettings, flag, read_settings, variable

if TYPE_CHECKING:
    from pii_sft.cli.shared.workers import Make

_LAST_PORT = 65_535
_KEEP_ALIVE, _GRACE = 15, 5
"""Seconds that an idle connection is kept, and that a response may take after its wait when the service ends."""


def add_server(parser: Parser, port: int, without: str | None = None) -> None:
    """Add the flags that `run_server` reads, with `port` as the default, but for a setting that does nothing here."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    help_port = f"port; 0 takes any free one (default: {port})"
    parser.add_argument("--port", type=bounded(int, 0, _LAST_PORT), default=port, help=help_port)
    help_open = "allow other machines to connect without API keys"
    help_workers = "number of processes; each loads the model, and one that dies is replaced (default: 1)"
    parser.add_argument("--workers", type=bounded(int, 1), default=1, metavar="N", help=help_workers)
    parser.add_argument("--no-auth", action="store_true", help=help_open)
    for row in fields(ServiceSettings):
        if row.name not in (SECRET, without):
            kind, metavar = _kind(row.default)
            default = row.default if metavar == "N" else "none"
            shown = f"{HELP[row.name]} (default: {default}; ${variable(row.name)})"
            parser.add_argument(flag(row.name), type=kind, metavar=metavar, help=shown)
    parser.add_argument(
        "--tls-certificate", type=Path, metavar="FILE", help="certificate chain in PEM; needs --tls-key"
    )
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="private key in PEM")
    add_engine(parser)


def _kind(default: Any) -> tuple[Callable[[str], Any], str]:
    """What parses a setting with this default, and what its help calls it."""
    if isinstance(default, int):
        return bounded(int, 1 if default else 0), "N"
    return (Path, "FILE") if default is None else (str, "A,B")


def run_server(arguments: argparse.Namespace, make: "Make") -> int:
    """Serve what `make` makes until SIGTERM or SIGINT. Raises ModelError for flags that are unsafe or cannot work."""
    import uvicorn

    from pii_sft.cli.shared.workers import Supervisor, worker_app
    from serving.service.middleware.client_timeouts import ClientTimeoutProtocol

    signal.signal(signal.SIGTERM, _stop)
    settings = _checked(arguments)
    with _listen(arguments.host, arguments.port) as listener:
        address = f"http{'s' if arguments.tls_key else ''}://{_address(listener)}"

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                """Say where it listens once it answers, and so once it handles signals."""
                await super().startup(sockets)
                print(f"pii-sft listens on {address}", flush=True)

        alone = arguments.workers == 1
        app = worker_app(make, arguments)
        config = uvicorn.Config(
            app() if alone else app,
            factory=not alone,
            http=partial(ClientTimeoutProtocol, seconds=settings.client_timeout),  # type: ignore[arg-type]
            limit_concurrency=settings.connections + 1,  # uvicorn refuses the one that reaches it
            workers=arguments.workers,
            access_log=False,
            log_config=None,  # worker_app has set the log
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=settings.deadline + _GRACE,
            ssl_certfile=arguments.tls_certificate,
            ssl_keyfile=arguments.tls_key,
        )
        engine = re.split("[:?]", arguments.engine or default_engine())[0]  # what follows may be a URL with a key
        print(f"settings: engine={engine} workers={arguments.workers} {settings}", file=sys.stderr)
        if not alone:
            return Supervisor(config, listener, lambda: print(f"pii-sft listens on {address}", flush=True)).serve()
        Server(config).run(sockets=[listener])
    return 0


def _checked(arguments: argparse.Namespace) -> ServiceSettings:
    """The settings. Raises ModelError for what would be unsafe or cannot work."""
    settings = read_settings(vars(arguments), os.environ)
    if not (settings.api_keys or arguments.no_auth or _is_local(arguments.host)):
        raise ModelError("other machines could connect: add --api-keys FILE, or --no-auth if you want that")
    if (arguments.tls_certificate is None) != (arguments.tls_key is None):
        raise ModelError("--tls-certificate and --tls-key must be given together")
    for file in (arguments.tls_certificate, arguments.tls_key):
        if file is not None and not file.is_file():
            raise ModelError(f"{file}: no such file")
    return settings


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _stop(_: int, __: FrameType | None) -> None:
    """Exit with 0 on SIGTERM; uvicorn finishes open requests first and then raises the signal again."""
    sys.exit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise PiiSftError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    # asyncio sets this only on sockets of a named protocol; without it the body of an answer waits 40 ms for an ACK
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
