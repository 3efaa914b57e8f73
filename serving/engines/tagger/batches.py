"""Windows of texts side by side in one run of the model.

The model's arithmetic is the same for a row whatever the rows beside it, since its activations have fixed scales; so a
text's result never depends on its neighbours.
"""

from collections.abc import Sequence
from itertools import groupby

from schemas.tagger.model_input import Window, padded_length

_TOO_MANY = 512
"""Tokens of a run are fewer, since more are no faster, and other threads wait; so a whole window goes alone."""


def pack(cut: Sequence[Window]) -> list[list[Window]]:
    """Put windows of the same padded length together."""
    ordered = sorted(cut, key=padded_length)
    batches = []
    for length, group in groupby(ordered, padded_length):
        rows, most = list(group), max((_TOO_MANY - 1) // length, 1)
        batches += [rows[start : start + most] for start in range(0, len(rows), most)]
    return batches
