"""Windows cover a sequence with the stated overlap."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.text.windows import windows


@given(st.integers(0, 300), st.integers(1, 60), st.data())
def test_windows_cover_everything_with_the_stated_overlap(length: int, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size - 1))
    found = windows(length, size, overlap)
    assert (found[0][0], found[-1][1]) == (0, length)
    assert all(end - start <= size for start, end in found)
    assert all(end - start == size for start, end in found[:-1])
    for (_, end), (next_start, next_end) in itertools.pairwise(found):
        assert end - next_start == overlap
        assert next_end > end, "a window that adds nothing"


def test_one_window_when_everything_fits() -> None:
    assert windows(0, 4, 1) == [(0, 0)]
    assert windows(4, 4, 3) == [(0, 4)]


@pytest.mark.parametrize("overlap", [-1, 4, 5])
def test_overlap_must_be_below_the_size(overlap: int) -> None:
    with pytest.raises(ValueError, match="below the window size"):
        windows(10, 4, overlap)
