"""The best legal BIOES path, restricted to the requested types (Viterbi 1967, Ratinov & Roth 2009)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.spans.tags import PREFIXES, tag_id
from schemas.taxonomy import EntityType

Scores = npt.NDArray[np.float32]


class TokenSpan(NamedTuple):
    """A decoded entity: tokens `first`..`last` (both included), its type, and its probability in (0, 1]."""

    first: int
    last: int
    type: EntityType
    score: float


def log_probabilities(logits: Scores, types: Sequence[EntityType]) -> tuple[Scores, Scores]:
    """Split tag logits of shape (tokens, tags) into log-probabilities of "outside" and of the requested types' tags.

    Returns arrays of shape (tokens,) and (tokens, types, 4), the last axis being B, I, E, S. The mass of types that
    were not requested counts as outside, so that such an entity is not forced into another type.
    """
    probability = np.exp(logits - logits.max(axis=1, keepdims=True))
    probability /= probability.sum(axis=1, keepdims=True)
    requested = _tag_ids(tuple(types))
    tagged = probability[:, requested].reshape(len(logits), len(types), len(PREFIXES))
    outside = np.delete(probability, requested, axis=1).sum(axis=1)
    return np.log(np.maximum(outside, _FLOOR)), np.log(np.maximum(tagged, _FLOOR))


def decode(outside: Scores, tagged: Scores, types: Sequence[EntityType]) -> list[TokenSpan]:
    """Return the entities of the most probable legal path over what `log_probabilities` gives for `types`.

    An entity's score is the geometric mean of the probabilities of its tokens' tags.
    """
    if not len(outside) or not types:
        return []
    closed_from, open_from = _forward(outside, tagged)
    return _backward(tagged, types, closed_from, open_from)


_FLOOR = np.float32(1e-30)
_OUTSIDE = -1


@lru_cache(64)
def _tag_ids(types: tuple[EntityType, ...]) -> list[int]:
    return [tag_id(kind, prefix) for kind in types for prefix in PREFIXES]


def _forward(outside: Scores, tagged: Scores) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Back pointers of the two kinds of state.

    "Closed" (after O, S or E): -1 for O, type t for S, types + t for E. "Open" in type t (after B or I): whether it
    came from open (I) rather than from closed (B).
    """
    tokens, count, _ = tagged.shape
    closed_from = np.empty(tokens, np.int64)
    open_from = np.empty((tokens, count), np.bool_)
    closed, opened = 0.0, np.full(count, -np.inf, np.float32)
    ends = np.empty(2 * count, np.float32)
    begin, inside, end, single = (tagged[:, :, index] for index in range(4))
    for index in range(tokens):
        np.add(single[index], closed, out=ends[:count])
        np.add(end[index], opened, out=ends[count:])
        stay, enter = opened + inside[index], begin[index] + closed
        np.greater(stay, enter, out=open_from[index])
        opened = np.maximum(stay, enter)
        best = int(ends.argmax())
        nothing = closed + outside[index]
        closed_from[index] = _OUTSIDE if nothing >= ends[best] else best
        closed = max(nothing, ends[best])
        opened -= closed  # scores are relative, so that long texts lose no precision
        closed = 0.0
    return closed_from, open_from


def _backward(
    tagged: Scores, types: Sequence[EntityType], closed_from: npt.NDArray[np.int64], open_from: npt.NDArray[np.bool_]
) -> list[TokenSpan]:
    spans, last, count = [], len(closed_from) - 1, len(types)
    while last >= 0:
        step = int(closed_from[last])
        first = last
        if step >= count:
            first -= 1
            while open_from[first, step - count]:
                first -= 1
        if step != _OUTSIDE:
            kind = step % count
            spans.append(TokenSpan(first, last, types[kind], _score(tagged[first : last + 1, kind])))
        last = first - 1
    return spans[::-1]


def _score(tags: Scores) -> float:
    """Geometric mean of the path's tag probabilities; `tags` has shape (tokens, 4)."""
    if len(tags) == 1:
        return float(np.exp(tags[0, 3]))
    return float(np.exp((tags[0, 0] + tags[1:-1, 1].sum() + tags[-1, 2]) / len(tags)))
