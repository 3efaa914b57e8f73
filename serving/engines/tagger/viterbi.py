"""The best legal BIOES path, restricted to the requested types (Viterbi 1967, Ratinov & Roth 2009)."""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.spans.tags import PREFIXES, TAGS, tag_id
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


def tag_bias(types: Sequence[EntityType], bias: Scores) -> Scores:
    """The `bias` of each type (types,), as `decode` takes it, for the scores of all tags (tags,)."""
    every = np.zeros(len(TAGS), np.float32)
    every[_tag_ids(tuple(types))] = np.repeat(bias, len(PREFIXES))
    return every


def decode(outside: Scores, tagged: Scores, types: Sequence[EntityType], bias: Scores) -> list[TokenSpan]:
    """Return the entities of the best legal path over what `log_probabilities` gives for `types`.

    The path is the most probable one where `bias` (types,), the log-odds in favour of each type at every token, is
    zero. An entity's score is the geometric mean of the probabilities of its tokens' tags, whatever the bias. A type
    that is nowhere more likely than none is on no best path, and takes no part: most texts cost next to nothing.
    """
    if not len(outside) or not types:
        return []
    odds = (tagged.max(axis=2) - outside[:, None]).max(axis=0) + bias
    (likely,) = np.nonzero(odds > 0)
    if not len(likely):
        return []
    active = tagged[:, likely]
    biased = active + bias[likely, None]
    return _backward(active, [types[index] for index in likely.tolist()], *_forward(outside, biased))


_FLOOR = np.float32(1e-30)
_OUTSIDE = -1
_AT_A_TIME = 4096
"""Tokens of which the scores are plain numbers at the same time, since these take much memory."""


@lru_cache(64)
def _tag_ids(types: tuple[EntityType, ...]) -> list[int]:
    return [tag_id(kind, prefix) for kind in types for prefix in PREFIXES]


def _forward(outside: Scores, tagged: Scores) -> tuple[list[int], list[list[bool]]]:
    """Back pointers of the two kinds of state.

    "Closed" (after O, S or E): -1 for O, type t for S, types + t for E. "Open" in type t (after B or I): whether it
    came from open (I) rather than from closed (B). Scores are relative to the closed state, so that long texts lose no
    precision. Plain numbers: the types are few, and arrays would cost more than they save.
    """
    count = tagged.shape[1]
    closed_from, open_from = [], []
    opened = [-math.inf] * count
    for none, tags in _rows(outside, tagged):
        best, source = none, _OUTSIDE
        stays = []
        for kind, (begin, inside, end, single) in enumerate(tags):
            if single > best:
                best, source = single, kind
            if opened[kind] + end > best:
                best, source = opened[kind] + end, count + kind
            stay = opened[kind] + inside
            stays.append(stay > begin)
            opened[kind] = max(stay, begin)
        closed_from.append(source)
        open_from.append(stays)
        opened = [score - best for score in opened]
    return closed_from, open_from


def _rows(outside: Scores, tagged: Scores) -> Iterator[tuple[float, list[list[float]]]]:
    """The scores of one token after another as plain numbers."""
    for start in range(0, len(outside), _AT_A_TIME):
        part = slice(start, start + _AT_A_TIME)
        yield from zip(outside[part].tolist(), tagged[part].tolist(), strict=True)


def _backward(
    tagged: Scores, types: Sequence[EntityType], closed_from: Sequence[int], open_from: Sequence[Sequence[bool]]
) -> list[TokenSpan]:
    spans, last, count = [], len(closed_from) - 1, len(types)
    while last >= 0:
        step = closed_from[last]
        first = last
        if step >= count:
            first -= 1
            while open_from[first][step - count]:
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
