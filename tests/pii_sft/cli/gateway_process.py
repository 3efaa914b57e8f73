"""`pii-sft gateway` as a process, and the fake provider on a socket."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import uvicorn

import pii_sft
from serving.gateway.fake_upstream import FakeUpstream

ROOT = Path(pii_sft.__file__).parent.parent
TEXT = "请打13812345678，或写信到 a.b@example.com"
VALUES = ("13812345678", "a.b@example.com")


@contextmanager
def provider() -> Iterator[tuple[FakeUpstream, str]]:
    """The fake provider, and its base URL."""
    fake = FakeUpstream()
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(fake.app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield fake, f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server.should_exit = True
    thread.join()
    listener.close()


@contextmanager
def gateway(*flags: str, environment: Mapping[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A gateway over the rules, and its address; it ends well, and says no value."""
    command = [sys.executable, "-m", "pii_sft", "gateway", "--engine", "rules", "--port", "0", *flags]
    variables = os.environ | {"PII_SFT_KEY": "A" * 43 + "="} | (environment or {})
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=variables, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        found = re.fullmatch(r"pii-sft listens on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())
        assert found
        try:
            yield process, found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=30)
        assert process.returncode == 0
        assert not any(value in log for value in VALUES)
