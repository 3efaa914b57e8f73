"""From what a model wrote about a text to scored entities."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from schemas.llm.align import align
from schemas.llm.codec import answer_parts, close_answer, decode_answer
from schemas.spans.prediction import Detection


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """The tokens of an answer: the bytes of each, and the logarithm of its probability among the allowed ones."""

    tokens: Sequence[bytes] = field(repr=False)
    log_probabilities: Sequence[float]

    @property
    def answer(self) -> str:
        """The answer as text; bytes that are no UTF-8 become U+FFFD."""
        return b"".join(self.tokens).decode(errors="replace")


def read_answer(text: str, written: WrittenAnswer) -> tuple[list[Detection], bool]:
    """The entities of an answer about `text`, in reading order, and whether the answer was written to its end.

    Of a cut-off answer the whole items count. A score is the geometric mean of the probabilities of the tokens that
    write type and value.
    """
    answer = written.answer
    closed = close_answer(answer)
    grounded = align(text, decode_answer(closed))
    scores = list(_scores(closed, written))
    detections = [
        Detection(entity, scores[number], "model")
        for entity, number in zip(grounded.entities, grounded.order, strict=True)
    ]
    return detections, answer == closed


def _scores(answer: str, written: WrittenAnswer) -> Iterator[float]:
    """The score of each item of `answer`, with whose items the written tokens begin."""
    offsets = [0, *accumulate(len(char.encode()) for char in answer)]
    ends = list(accumulate(map(len, written.tokens)))
    starts = [0, *ends[:-1]]
    named = [part for part in answer_parts(answer) if not part.decision]
    for kind, value in zip(named[::2], named[1::2], strict=True):
        chosen = [
            probability
            for probability, start, end in zip(written.log_probabilities, starts, ends, strict=True)
            if any(start < offsets[part.end] and offsets[part.start] < end for part in (kind, value))
        ]
        yield math.exp(sum(chosen) / len(chosen))
