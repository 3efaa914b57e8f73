"""Clients that are slow or silent: their connections end, and they take no place from others."""

import http.client
import json
import re
import select
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress

import pytest

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from serving.engines.rules.engine import RulesEngine
from serving.service.settings import ServiceSettings
from tests.serving.service.server import served

SECONDS = 1
HEAD = b"POST /detect HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
BODY = b'{"text": "13800138000"}'
BATCH = json.dumps({"texts": ["13800138000 " * 4_000] * 5})


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with served(RulesEngine(), ServiceSettings(client_timeout=SECONDS, in_flight=2)) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        yield host, int(port)


def ask(address: tuple[str, int]) -> int:
    with closing(http.client.HTTPConnection(*address, timeout=30)) as connection:
        connection.request("POST", "/detect", BODY, {"content-type": "application/json"})
        return connection.getresponse().status


def get(address: tuple[str, int], path: str) -> str:
    with closing(http.client.HTTPConnection(*address, timeout=30)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def ended(connection: socket.socket) -> bool:
    """Whether the other side ends the connection while nothing is sent."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


STREAM = HEAD.replace(b"json", b"x-ndjson").replace(b"detect", b"detect/batch")
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY
PART = HEAD + b"Content-Length: 100\r\n\r\n" + BODY
WAITS = {
    "nothing": b"",
    "half a line": b"POST /det",
    "half a header": HEAD,
    "a header": HEAD + b"Content-Length: 100\r\n\r\n",
    "half a body": PART,
    "half a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n99\r\n" + BODY,
    "half a stream": STREAM + b"Content-Length: 100\r\n\r\n" + BODY + b"\n",
    "half a second request": WHOLE + PART,
    "half a second header": WHOLE + HEAD,
}


@pytest.mark.parametrize("sent", WAITS.values(), ids=WAITS.keys())
def test_a_client_that_stops_sending_is_left(address: tuple[str, int], sent: bytes) -> None:
    with socket.create_connection(address, timeout=SECONDS * 20) as connection:
        connection.sendall(sent)
        while not ended(connection):  # what is answered before the end
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


def unread(address: tuple[str, int], stack: ExitStack, *more: bytes) -> socket.socket:
    """A connection that has asked for a long answer, and then `more`, and reads nothing."""
    connection = stack.enter_context(socket.socket())
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(SECONDS * 20)
    connection.connect(address)
    connection.sendall(HEAD.replace(b"detect", b"detect/batch") + b"Content-Length: %d\r\n\r\n" % len(BATCH))
    connection.sendall(BATCH.encode())
    for request in more:
        connection.sendall(request)
    return connection


@pytest.mark.parametrize("more", [(), (WHOLE,), (WHOLE, PART)], ids=["alone", "then a request", "then half a one"])
def test_a_client_that_does_not_read_is_left(address: tuple[str, int], more: tuple[bytes, ...]) -> None:
    with ExitStack() as stack:
        connections = [unread(address, stack, *more) for _ in range(2)]  # as many as may be in flight
        time.sleep(SECONDS)
        until = time.monotonic() + SECONDS * 30
        while "pii_sft_requests_in_flight 1.0" not in get(address, "/metrics"):
            assert time.monotonic() < until
            time.sleep(SECONDS * 0.2)
        time.sleep(SECONDS * 3)
        for connection in connections:
            answer = b""
            with suppress(ConnectionResetError):
                while part := connection.recv(1 << 16):
                    answer += part
            head, _, body = answer.partition(b"\r\n\r\n")
            if head:
                (length,) = re.findall(rb"content-length: (\d+)", head)
                assert len(body) < int(length)


def test_a_stream_that_reads_and_then_stops_is_left(address: tuple[str, int]) -> None:
    line = json.dumps({"text": "13800138000 " * 4_000}).encode() + b"\n"
    with socket.create_connection(address, timeout=SECONDS * 20) as connection:
        connection.sendall(STREAM + b"Content-Length: 90000000\r\n\r\n" + line * 5)
        time.sleep(SECONDS * 0.5)
        while not ended(connection):
            pass


def test_a_stream_may_wait_for_its_answer() -> None:
    class Slow(RulesEngine):
        def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
            time.sleep(SECONDS * 3)
            return super().detect(texts, types)

    with served(Slow(), ServiceSettings(client_timeout=SECONDS)) as url:
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            line = BODY + b"\n"
            connection.sendall(STREAM + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(line), line))
            answer = b""
            while b"13800138000" not in answer:
                part = connection.recv(1 << 16)
                assert part
                answer += part
            connection.sendall(b"0\r\n\r\n")


def test_bytes_that_make_no_sense_end_a_stream_quietly(
    address: tuple[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(address, timeout=SECONDS * 20) as connection:
        connection.sendall(STREAM + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\n\r\n" % (len(BODY) + 1, BODY))
        while b"13800138000" not in connection.recv(1 << 16):
            pass
        connection.sendall(b'{"text": "SECRET"}\r\n')
        while not ended(connection):
            pass
    assert "SECRET" not in caplog.text and not [record for record in caplog.records if record.exc_info]


def test_bodies_together_have_a_limit() -> None:
    with served(RulesEngine(), ServiceSettings(max_characters=1_000)) as url, ExitStack() as stack:
        host, _, port = url.removeprefix("http://").partition(":")
        connections = [stack.enter_context(socket.create_connection((host, int(port)), timeout=30)) for _ in range(20)]
        for connection in connections:  # each nearly as long as a body may be; sixteen of the longest may be there
            connection.sendall(HEAD + b"Content-Length: 77000\r\n\r\n" + b" " * 75_000)
        refused: set[socket.socket] = set()
        while len(refused) < 4:
            (readable, _, _) = select.select(set(connections) - refused, (), (), 30)
            assert readable
            for connection in readable:
                assert connection.recv(64).startswith(b"HTTP/1.1 503 ")
                refused.add(connection)
        assert ask((host, int(port))) == 200
        assert select.select(set(connections) - refused, (), (), 0)[0] == []


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
