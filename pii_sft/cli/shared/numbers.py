"""The one parser of numbers on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import inf, isfinite
from typing import TypeVar

Number = TypeVar("Number", int, float)


def bounded(kind: type[Number], low: float = -inf, high: float = inf) -> Callable[[str], Number]:
    """What parses a finite number of `kind` in [low, high]; raises argparse.ArgumentTypeError for anything else."""

    def parse(text: str) -> Number:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not isfinite(value) or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"not {_described(kind, low, high)}")
        return value

    return parse


def _described(kind: type, low: float, high: float) -> str:
    name = "an integer" if kind is int else "a number"
    if low > -inf and high < inf:
        return f"{name} from {low:g} to {high:g}"
    return f"{name} of {low:g} or more" if low > -inf else name
