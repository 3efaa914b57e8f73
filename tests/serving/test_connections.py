"""Clients that are slow or silent: their connections end, and they take no place from others."""

import http.client
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest

from serving.rules import RuleDetector
from serving.settings import Settings
from tests.serving.server import served

SECONDS = 1
HEAD = b"POST /detect HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BODY = b'{"text": "13800138000"}'
BATCH = json.dumps({"texts": ["13800138000 " * 4_000] * 20})


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with served(RuleDetector(), Settings(client_timeout=SECONDS, in_flight=2)) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def ask(address: tuple[str, int]) -> int:
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request("POST", "/detect", BODY, {"content-type": "application/json"})
    status = connection.getresponse().status
    connection.close()
    return status


def ended(connection: socket.socket) -> bool:
    """Whether the other side ends the connection while nothing is sent."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /det",
        HEAD,
        HEAD + b"Content-Length: 100\r\n\r\n",
        HEAD + b"Content-Length: 100\r\n\r\n" + BODY,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n17\r\n" + BODY,
        HEAD.replace(b"json", b"x-ndjson").replace(b"detect", b"detect/batch") + b"Content-Length: 100\r\n\r\n" + BODY,
    ],
)
def test_a_client_that_stops_sending_is_left(address: tuple[str, int], sent: bytes) -> None:
    with socket.create_connection(address, timeout=SECONDS * 20) as connection:
        connection.sendall(sent)
        while not ended(connection):  # what is answered before the end, a stream's header
            pass


def test_a_header_byte_by_byte_takes_too_long(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=SECONDS * 20) as connection, pytest.raises(OSError):
        for _ in range(SECONDS * 100):
            connection.sendall(b"x")
            time.sleep(0.1)


def test_a_body_in_pieces_is_waited_for(address: tuple[str, int]) -> None:
    with socket.create_connection(address, timeout=SECONDS * 20) as connection:
        connection.sendall(HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(BODY))
        for piece in (BODY[:5], BODY[5:10], BODY[10:15], BODY[15:]):
            time.sleep(SECONDS * 0.6)  # together longer than a client may be silent
            connection.sendall(piece)
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert answer.startswith(b"HTTP/1.1 200 ") and b'"13800138000"' in answer


def test_a_client_that_does_not_read_is_left(address: tuple[str, int]) -> None:
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(SECONDS * 20)
        connection.connect(address)
        connection.sendall(HEAD.replace(b"detect", b"detect/batch") + b"Content-Length: %d\r\n\r\n" % len(BATCH))
        connection.sendall(BATCH.encode())
        time.sleep(SECONDS * 5)
        answer = b""
        with suppress(ConnectionResetError):
            while part := connection.recv(1 << 16):
                answer += part
    head, _, body = answer.partition(b"\r\n\r\n")
    (length,) = re.findall(rb"content-length: (\d+)", head)
    assert head.startswith(b"HTTP/1.1 200 ") and len(body) < int(length)


def test_slow_clients_take_no_place(address: tuple[str, int]) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            connection = stack.enter_context(socket.create_connection(address, timeout=30))
            connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n" + BODY)
        assert [ask(address) for _ in range(3)] == [200] * 3


def test_a_connection_is_kept_between_requests(address: tuple[str, int]) -> None:
    connection = http.client.HTTPConnection(*address, timeout=30)
    for _ in range(2):
        connection.request("POST", "/detect", BODY, {"content-type": "application/json"})
        response = connection.getresponse()
        assert response.status == 200 and response.read()
        kept = connection.sock
        time.sleep(SECONDS * 1.5)
    assert connection.sock is kept
    connection.close()
