"""What the gateway costs: the same requests straight to a provider and through the gateway, in turns.

    python scripts/bench_gateway.py [--requests 60] [--seconds 5] [--engine tagger]

The provider is the package's own fake one, in a process of its own; so is the gateway. Prints a table, and one JSON
line last.
"""

import argparse
import asyncio
import json
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import httpx2

_SENTENCE = "客户楼鹤立反映，周三下单的净水器还没有安装，他的手机号是13636489546，白天打不通就晚上再打。"
_PROVIDER = """
import socket, uvicorn
from serving.gateway.fake_upstream import FakeUpstream
listener = socket.create_server(("127.0.0.1", 0))
listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
fake = FakeUpstream()
fake.bodies = fake.headers = type("None_", (), {"append": lambda *_: None})()
uvicorn.Server(uvicorn.Config(fake.app, log_level="error")).run(sockets=[listener])
"""
NUMBERS = count(10_000_000)
_CONNECTIONS, _SIDES = (1, 8, 64), ("straight", "through")


@contextmanager
def process(command: list[str]) -> Iterator[tuple[str, int]]:
    """Run `command`; gives the address that it prints, and the number of the process."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as running:
        line = running.stdout.readline() if running.stdout else ""
        found = re.search(r"http://\S+", line)
        if not found:
            sys.exit(f"it did not start: {' '.join(command[:4])}")
        yield found[0], running.pid
        running.terminate()


@contextmanager
def provider_and_gateway(engine: str) -> Iterator[tuple[str, str, int]]:
    """The addresses of the fake provider and of a gateway before it, and the number of the gateway's process."""
    with process([sys.executable, "-c", _PROVIDER]) as (straight, _):
        flags = ["--upstream", f"{straight}/v1", "--port", "0", "--engine", engine]
        with process([sys.executable, "-m", "pii_sft", "gateway", *flags]) as (through, pid):
            yield straight, through, pid


def body(characters: int, number: int, *, stream: bool = False) -> dict[str, object]:
    """A request of so many characters, another one for each number."""
    text = (f"工单{number}。" + _SENTENCE * (characters // len(_SENTENCE) + 1))[:characters]
    return {"model": "m", "messages": [{"role": "user", "content": text}], "stream": stream}


def answer(client: httpx2.Client, address: str, characters: int, number: int) -> float:
    """Milliseconds until the whole answer is there."""
    request, begun = body(characters, number), time.perf_counter()
    client.post(f"{address}/v1/chat/completions", json=request).raise_for_status()
    return 1e3 * (time.perf_counter() - begun)


def again(client: httpx2.Client, address: str, characters: int, number: int) -> float:
    """The same for a text that was sent before, as the history of a conversation is."""
    return answer(client, address, characters, -1)


def first_event(client: httpx2.Client, address: str, characters: int, number: int) -> float:
    """Milliseconds until the first bytes of a streamed answer."""
    request, begun = body(characters, 1_000_000 + number, stream=True), time.perf_counter()
    with client.stream("POST", f"{address}/v1/chat/completions", json=request) as answer:
        next(answer.iter_raw())
        return 1e3 * (time.perf_counter() - begun)


_MEASURES = (answer, again, first_event)


async def rate(address: str, connections: int, seconds: float) -> float:
    """Requests a second of 500 characters over so many connections."""
    end, done = time.perf_counter() + seconds, 0
    async with httpx2.AsyncClient(timeout=60, limits=httpx2.Limits(max_connections=connections)) as client:

        async def ask() -> None:
            nonlocal done
            while time.perf_counter() < end:
                request = body(500, next(NUMBERS))
                (await client.post(f"{address}/v1/chat/completions", json=request)).raise_for_status()
                done += 1

        begun = time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(connections)))
        return done / (time.perf_counter() - begun)


def figures(straight: str, through: str, requests: int, seconds: float) -> dict[str, float]:
    """All that is measured, by name; times are in milliseconds."""
    told: dict[str, float] = {}
    with httpx2.Client(timeout=60) as client:
        for measure in _MEASURES:
            for characters in (500, 5_000):
                for address in (straight, through):
                    measure(client, address, characters, 0)  # warm
                pairs = [
                    [measure(client, at, characters, n) for at in (straight, through)] for n in range(1, requests + 1)
                ]
                for side, times in zip(_SIDES, zip(*pairs, strict=True), strict=True):
                    name = f"{measure.__name__}_{characters}_{side}"
                    told[f"{name}_p50"] = statistics.median(times)
                    told[f"{name}_p95"] = statistics.quantiles(times, n=20)[-1]
    for connections in _CONNECTIONS:
        for side, address in (("straight", straight), ("through", through)):
            told[f"rate_{connections}_{side}"] = asyncio.run(rate(address, connections, seconds))
    return told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=60, help="requests of each kind (default: 60)")
    parser.add_argument("--seconds", type=float, default=5, help="time of each rate (default: 5)")
    parser.add_argument("--engine", default="tagger", help="engine of the gateway (default: tagger)")
    arguments = parser.parse_args()
    with provider_and_gateway(arguments.engine) as (straight, through, _):
        told = figures(straight, through, arguments.requests, arguments.seconds)
    for name in (measure.__name__ for measure in _MEASURES):
        for characters in (500, 5_000):
            for share in ("p50", "p95"):
                before, after = (told[f"{name}_{characters}_{side}_{share}"] for side in _SIDES)
                added = f"{before:8.1f} ms {after:8.1f} ms {after - before:+8.1f}"
                print(f"{name:<12}{characters:>6} characters {share} {added}")
    for connections in _CONNECTIONS:
        before, after = (told[f"rate_{connections}_{side}"] for side in ("straight", "through"))
        print(f"requests/s  {connections:>6} connections    {before:8.1f}    {after:8.1f}")
    print(json.dumps(told))


if __name__ == "__main__":
    main()
