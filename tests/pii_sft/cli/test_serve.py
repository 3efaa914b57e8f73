"""`pii-sft serve` as a process: a socket, a request, a signal."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

import pii_sft
from pii_sft.cli import main
from pii_sft.cli.shared.engine_options import load_named
from pii_sft.cli.shared.server import _listen

ROOT = Path(pii_sft.__file__).parent.parent
SECRET = "机密13912345678"
CODE = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
from pii_sft.cli import main
from pii_sft.cli.shared.server import _listen
from pii_sft.registry import EngineSpec
from schemas.engine import LoadedEngine
from serving.engines.rules.engine import RulesEngine

class Sleepy(RulesEngine):
    def detect(self, texts, types=None):
        time.sleep(1.5 if any("wait" in text for text in texts) else 0)
        return super().detect(texts, types)

EngineSpec.load = lambda _: LoadedEngine(Sleepy(), "sleepy", code=())
sys.exit(main(["serve", "--port", "0", "--max-characters", "1000"]))
"""


@pytest.fixture
def server() -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", CODE], cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    yield process
    process.kill()
    process.communicate()


def port_of(server: subprocess.Popen[str]) -> int:
    assert server.stdout is not None
    match = re.fullmatch(r"pii-sft listens on http://127\.0\.0\.1:(\d+)\n", server.stdout.readline())
    assert match
    return int(match[1])


def stop(server: subprocess.Popen[str], number: int) -> tuple[int, str, str]:
    server.send_signal(number)
    out, err = server.communicate(timeout=60)
    return server.returncode, out, err


def test_it_answers_over_a_socket_and_ends_cleanly_on_sigterm(server: subprocess.Popen[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=60)
    answers = []
    for body in (f'{{"text": "{SECRET}"}}', f'{{"text": ["{SECRET}"]}}', f'{{"text": "{SECRET * 100}"}}'):
        connection.request("POST", "/detect", body.encode(), {"content-type": "application/json"})
        response = connection.getresponse()
        answers.append((response.status, json.load(response)))
    connection.close()
    assert [status for status, _ in answers] == [200, 422, 413]
    assert [found["value"] for found in answers[0][1]["entities"]] == ["13912345678"]
    code, out, err = stop(server, signal.SIGTERM)
    assert (code, out) == (0, "")
    settings, *lines = err.splitlines()
    assert settings.startswith("settings: engine=tagger workers=1 max_characters=1000 ")
    assert settings.endswith(" key=none")
    assert [json.loads(line)["status"] for line in lines] == [200, 422, 413]
    assert "机密" not in err and "13912345678" not in err


def test_a_long_body_is_refused_while_it_is_being_sent(server: subprocess.Popen[str]) -> None:
    head = b"POST /detect HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    declared = b"Content-Length: 9000000000\r\n\r\n"
    chunked = b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n" + b"0" * 99_999
    port = port_of(server)
    for rest in (declared, chunked):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(head + rest)
            assert connection.recv(64).startswith(b"HTTP/1.1 413 ")


def test_ctrl_c_ends_it_without_a_traceback(server: subprocess.Popen[str]) -> None:
    port_of(server)
    code, out, err = stop(server, signal.SIGINT)
    assert (code, out) == (130, "") and err.startswith("settings: ") and err.count("\n") == 1


def test_a_request_in_flight_is_answered_after_sigterm(server: subprocess.Popen[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port_of(server), timeout=60)
    connection.request("POST", "/detect", b'{"text": "wait 13912345678"}', {"content-type": "application/json"})
    time.sleep(0.5)
    server.send_signal(signal.SIGTERM)
    response = connection.getresponse()
    assert response.status == 200 and b"13912345678" in response.read()
    connection.close()
    assert server.wait(60) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--host", "0.0.0.0"], "add --api-keys FILE, or --no-auth"),
        (["--tls-key", "key.pem"], "must be given together"),
        (["--tls-key", "key.pem", "--tls-certificate", "none.pem"], "none.pem: no such file"),
    ],
)
def test_what_would_be_unsafe_or_cannot_work_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["serve", "--port", "0", *arguments]) == 2
        assert told in capsys.readouterr().err
    finally:
        signal.signal(signal.SIGTERM, before)


def test_answers_are_sent_at_once() -> None:
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_more_detectors_are_named_and_loaded(capsys: pytest.CaptureFixture[str]) -> None:
    loaded = load_named(["fast=rules", "plain=tagger?no-rules&threads=1"])
    text = "王小明的电话13800138000"
    found = {name: {found.source for found in detector.detect(text).detections} for name, detector in loaded.items()}
    assert found == {"fast": {"rule"}, "plain": {"model"}}
    assert "rules: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["rules"], "takes NAME=SPEC"),
        (["=rules"], "takes NAME=SPEC"),
        (["tagger?threads=1"], "takes NAME=SPEC"),
        (["a=rules", "a=tagger"], "two detectors have the name a"),
        (["a=nothing"], "nothing"),
    ],
)
def test_more_detectors_in_another_form_are_refused(
    rows: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", "0", *(word for row in rows for word in ("--also", row))]) == 2
    assert message in capsys.readouterr().err


def test_a_port_in_use_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = str(taken.getsockname()[1])
            assert main(["serve", "--port", port]) == 2
        expected = f"pii-sft: error: cannot listen on 127.0.0.1 port {port}: Address already in use"
        assert capsys.readouterr().err.startswith(expected)
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers in /proc")
def test_a_worker_that_is_killed_under_load_is_replaced_and_fails_only_what_it_was_answering() -> None:
    pipe = subprocess.PIPE
    command = [sys.executable, "-m", "pii_sft", "serve", "--port", "0", "--workers", "2", "--threads", "1"]
    with subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            port = port_of(process)
            children = workers(process.pid)
            assert len(children) == 2
            over = threading.Event()
            with ThreadPoolExecutor(8) as pool:
                loads = [pool.submit(load, port, over) for _ in range(8)]
                time.sleep(1)
                os.kill(children[0], signal.SIGKILL)
                killed = time.monotonic()
                until = killed + 60
                while workers(process.pid) == children or len(workers(process.pid)) < 2:
                    assert time.monotonic() < until
                    time.sleep(0.1)
                time.sleep(3)
                over.set()
                asked = [request for one in loads for request in one.result(60)]
            failed = [(start, end) for start, end, status in asked if status != 200]
            assert len(failed) <= 8 and all(start <= killed <= end for start, end in failed)
            metrics = get(port, "/metrics")
            (counted,) = re.findall(
                r'^pii_sft_requests_total{path="/detect",status="200"} (\d+)', metrics, re.MULTILINE
            )
            answered = len(asked) - len(failed)  # one that is answered may be killed before it is counted
            assert answered - 8 <= int(counted) <= len(asked)
            assert re.search(r"^pii_sft_requests_in_flight [012]\.0$", metrics, re.MULTILINE)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()


def load(port: int, over: threading.Event) -> list[tuple[float, float, int]]:
    """Ask again and again; when each request began and ended, and its status, 0 where there was no answer."""
    asked = []
    while not over.is_set():
        start = time.monotonic()
        try:
            status = ask(port)
        except (OSError, http.client.HTTPException):
            status = 0
        asked.append((start, time.monotonic(), status))
    return asked


def get(port: int, path: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def ask(port: int) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", "/detect", b'{"text": "13800138000"}', {"content-type": "application/json"})
        return connection.getresponse().status


def workers(parent: int) -> list[int]:
    """The processes of `parent` that serve; multiprocessing has one more that tracks resources."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_workers_without_a_model_end_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pii_sft", "serve", "--port", "0", "--workers", "2", "--model", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 2 and "no readable tagger manifest" in ended.stderr and "Traceback" not in ended.stderr
