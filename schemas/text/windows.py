"""Overlapping windows over a long sequence."""


def windows(length: int, size: int, overlap: int) -> list[tuple[int, int]]:
    """Cover `range(length)` with windows of at most `size`, neighbours sharing `overlap` positions.

    Returns half-open index pairs in order; one window (also for length 0) when everything fits.
    Raises ValueError unless 0 <= overlap < size.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"overlap {overlap} must be at least 0 and below the window size {size}")
    starts = range(0, max(length - overlap, 1), size - overlap)
    return [(start, min(start + size, length)) for start in starts]
