"""Buckets of text length, by which datasets are described and scores reported."""

from bisect import bisect_left

_BOUNDS = (20, 50, 100, 200, 500)
LENGTH_BUCKETS = ("1-20", "21-50", "51-100", "101-200", "201-500", "over 500")
"""Buckets of characters a text; the first holds the empty text too."""


def length_bucket(length: int) -> str:
    """The name of the bucket into which a text of `length` characters falls."""
    return LENGTH_BUCKETS[bisect_left(_BOUNDS, length)]
