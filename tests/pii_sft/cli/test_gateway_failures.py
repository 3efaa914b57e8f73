"""What happens to a gateway that runs: whatever fails, nothing leaves in clear."""

import os
import resource
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from serving.gateway.audit import verify_audit
from serving.gateway.fake_upstream import FakeUpstream
from tests.pii_sft.cli.gateway_process import TEXT, VALUES, gateway, provider


@pytest.fixture
def upstream() -> Iterator[tuple[FakeUpstream, str]]:
    with provider() as running:
        yield running


def ask(client: httpx2.Client, address: str, text: str = TEXT, key: str = "k" * 16) -> httpx2.Response:
    body = {"model": "m", "messages": [{"role": "user", "content": text}]}
    return client.post(f"{address}/v1/chat/completions", json=body, headers={"authorization": f"Bearer {key}"})


def reason(answer: httpx2.Response) -> str:
    told = answer.json()
    message: str = told["error"]["message"] if "error" in told else told["detail"]
    return message


def workers(parent: int) -> list[int]:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def test_a_worker_that_is_killed_takes_nothing_out(upstream: tuple[FakeUpstream, str]) -> None:
    fake, url = upstream
    over, answers = threading.Event(), []

    def send(number: int) -> None:
        while not over.is_set():
            text = f"{number} {time.monotonic()} " + TEXT * 50
            try:
                with httpx2.Client(timeout=60) as client:
                    answers.append(ask(client, address, text).json()["choices"][0]["message"]["content"] == text)
            except httpx2.TransportError:
                continue

    with gateway("--upstream", url, "--workers", "2") as (process, address):
        threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(3):
            before = len(answers)
            while len(answers) < before + 4:
                time.sleep(0.05)
            os.kill(workers(process.pid)[0], signal.SIGKILL)
        before = len(answers)
        while len(answers) < before + 4:
            time.sleep(0.05)
        over.set()
        for thread in threads:
            thread.join()
    assert all(answers) and fake.bodies
    assert not any(value in body for body in fake.bodies for value in VALUES)


def test_a_disk_that_fills_stops_what_cannot_be_noted(upstream: tuple[FakeUpstream, str], tmp_path: Path) -> None:
    fake, url = upstream
    audit = tmp_path / "audit.jsonl"
    with gateway("--upstream", url, "--audit", str(audit)) as (process, address), httpx2.Client(timeout=60) as client:
        assert ask(client, address).status_code == 200
        most = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (audit.stat().st_size + 100, most[1]))
        refused = ask(client, address)
        assert refused.status_code == 503 and "the audit cannot be written; nothing was sent" in reason(refused)
        assert len(fake.bodies) == 1
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, most)
        assert ask(client, address).status_code == 200
    assert verify_audit(audit) == 3


def test_a_file_of_keys_that_breaks_stops_everything(upstream: tuple[FakeUpstream, str], tmp_path: Path) -> None:
    fake, url = upstream
    keys = tmp_path / "keys"
    keys.write_text("team " + "k" * 16 + "\n", encoding="ascii")
    environment = {"PII_SFT_API_KEYS": str(keys), "PII_SFT_UPSTREAM_KEY": "p" * 16}
    with (
        gateway("--upstream", url, environment=environment) as (_, address),
        httpx2.Client(timeout=60) as client,
    ):
        assert ask(client, address).status_code == 200
        assert fake.headers[-1]["authorization"] == f"Bearer {'p' * 16}"
        assert ask(client, address, key="x" * 16).status_code == 401
        keys.write_text("team\n", encoding="ascii")
        refused = ask(client, address)
        assert refused.status_code == 503 and reason(refused) == "the file of API keys cannot be read"
        assert client.get(f"{address}/ready").status_code == 503
        keys.unlink()
        assert ask(client, address).status_code == 503
        assert len(fake.bodies) == 1
        keys.write_text("team " + "k" * 16 + "\n", encoding="ascii")
        assert ask(client, address).status_code == 200
