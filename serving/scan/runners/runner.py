"""What runs the parts of a scan."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from serving.scan.parts import Part
from serving.scan.receipts import Receipt
from serving.scan.scan_part import Work

TRIES = 3
"""Workers that a part may take with it before it is given up."""


class Runner(Protocol):
    """Runs parts on workers."""

    def run(self, parts: Sequence[Part], work: Work) -> Iterator[tuple[Part, Receipt]]:
        """Yield each of `parts` with its receipt as soon as it is finished, in any order.

        A worker that dies is replaced, and its part done again. Raises what `work` raises.
        """
        ...


def give_up(part: Part, work: Work) -> Receipt:
    """The receipt of a part that no worker survives."""
    return work.store.finish(part, Receipt(fault=f"{TRIES} workers died on it"))
