"""Whether the gateway's memory stays flat: new texts at a share of what it can take, and its memory once a minute.

    python -m scripts.soak_gateway [--minutes 20] [--share 0.8] [--engine tagger]

Prints a line a minute, and one JSON line last.
"""

import argparse
import asyncio
import json
import re
import time
from collections import Counter
from pathlib import Path

import httpx2

from scripts.bench_gateway import NUMBERS, body, provider_and_gateway, rate

_CONNECTIONS = 8
_PROBE = 15.0
"""Seconds in which the full rate is measured."""


def resident(pid: int) -> float:
    """Megabytes of the process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) / 1e3


async def load(address: str, wanted: float, seconds: float) -> Counter[int]:
    """Send requests at the rate `wanted`, whatever becomes of those before; returns how many had which status."""
    told: Counter[int] = Counter()
    running: set[asyncio.Task[None]] = set()
    async with httpx2.AsyncClient(timeout=120) as client:

        async def ask(number: int) -> None:
            request = body(500, next(NUMBERS), stream=number % 2 == 0)
            told[(await client.post(f"{address}/v1/chat/completions", json=request)).status_code] += 1

        begun, sent = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            task = asyncio.create_task(ask(sent))
            running.add(task)
            task.add_done_callback(running.discard)
            sent += 1
            await asyncio.sleep(max(0.0, begun + sent / wanted - time.perf_counter()))
        await asyncio.gather(*running)
    return told


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=20, help="how long (default: 20)")
    parser.add_argument("--share", type=float, default=0.8, help="share of the full rate (default: 0.8)")
    parser.add_argument("--engine", default="tagger", help="engine of the gateway (default: tagger)")
    arguments = parser.parse_args()
    told: Counter[int] = Counter()
    with provider_and_gateway(arguments.engine) as (_, through, pid):
        full = asyncio.run(rate(through, _CONNECTIONS, _PROBE))
        memory = [resident(pid)]
        print(f"full rate {full:.1f} requests/s, {memory[0]:.1f} MB", flush=True)
        for minute in range(1, arguments.minutes + 1):
            told += asyncio.run(load(through, full * arguments.share, 60))
            memory.append(resident(pid))
            print(f"minute {minute:3}: {told.total()} requests, {memory[-1]:.1f} MB", flush=True)
    print(json.dumps({"rate": full, "share": arguments.share, "statuses": told, "memory_mb": memory}))


if __name__ == "__main__":
    main()
