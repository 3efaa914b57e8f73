"""Windows of texts side by side in one run of the model.

The model's arithmetic is the same for a row whatever the rows beside it, since its activations have fixed scales; so a
text's result never depends on its neighbours.
"""

from collections.abc import Sequence
from itertools import groupby

from schemas.tagger.model_input import Window, padded_length

_MOST_TOKENS = 256
"""Most tokens of a run: more of them in one run are no faster, and other threads wait."""


def pack(cut: Sequence[Window]) -> list[list[Window]]:
    """Put windows of the same padded length together."""
    ordered = sorted(cut, key=padded_length)
    batches = []
    for length, group in groupby(ordered, padded_length):
        rows, most = list(group), max(_MOST_TOKENS // length, 1)
        batches += [rows[start : start + most] for start in range(0, len(rows), most)]
    return batches
