"""Draws a fixed number of examples from a stream of any length, by their hashes."""

import hashlib
import heapq
from collections.abc import Iterable

from schemas.spans.entity import Example


def draw(examples: Iterable[Example], count: int, seed: int) -> list[Example]:
    """Return the `count` examples (or all, when there are fewer) with the smallest hash of seed and row, in its order.

    Memory is that of `count` examples ("bottom-k" sampling, Cohen & Kaplan 2007): a longer stream takes no more.
    The order of the stream does not matter.
    """
    heap: list[tuple[int, int, Example]] = []
    for number, example in enumerate(examples):
        entry = (-rank(f"{example.document.id}\n{example.document.text}", seed), -number, example)
        if len(heap) < count:
            heapq.heappush(heap, entry)
        elif heap and entry > heap[0]:
            heapq.heapreplace(heap, entry)
    return [example for *_, example in sorted(heap, key=lambda entry: entry[:2], reverse=True)]


def rank(name: str, seed: int) -> int:
    """A number that depends on `name` and `seed` alone, and looks random."""
    return int.from_bytes(hashlib.sha256(f"{seed}-{name}".encode()).digest()[:8], "big")
