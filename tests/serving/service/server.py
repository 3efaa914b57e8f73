"""The service on a port of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import uvicorn

from schemas.engine import Engine
from serving.service.app import create_app
from serving.service.middleware.client_timeouts import ClientTimeoutProtocol
from serving.service.settings import ServiceSettings


@contextmanager
def served(detector: Engine, settings: ServiceSettings = ServiceSettings()) -> Iterator[str]:  # noqa: B008 - frozen
    """Serve `detector` from a thread; gives the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)  # or the kernel takes megabytes for a client
    http = partial(ClientTimeoutProtocol, seconds=settings.client_timeout)
    config = uvicorn.Config(create_app(detector, settings), http=http, lifespan="off", ws="none", log_level="warning")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
