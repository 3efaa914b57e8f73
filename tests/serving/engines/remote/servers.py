"""Servers for the tests of remote engines: functions in the place of a network, and a real one that replays."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

from serving.engines.remote.server import Server

Handler = Callable[[httpx2.Request], httpx2.Response]


def server(handler: Handler, url: str = "http://server/v1/completions", **options: Any) -> Server:
    client = httpx2.Client(transport=httpx2.MockTransport(handler))
    return Server(url, key="the-key", client=client, first_wait=0.0, **options)


@contextmanager
def replaying(reply: Callable[[dict[str, Any]], tuple[int, Any]]) -> Iterator[str]:
    """The address of a server that answers a JSON body with the status and the JSON that `reply` returns."""

    class Replay(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, answer = reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Replay) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
