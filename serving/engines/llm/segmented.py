"""Long texts for an LLM: asked about in segments, and in halves of them where an answer takes too long."""

import sys
from collections.abc import Callable, Iterator, Sequence

from schemas.spans.overlap import longest
from schemas.spans.prediction import Detection, Prediction
from schemas.text.sentences import OVERLAP, SEGMENT, segments
from schemas.text.text import Text
from serving.engines.llm.answers import WrittenAnswer, read_answer

LEAST = 32
"""Characters of a segment that is not split again when its answer takes too long."""
BUDGET = 128
"""Most tokens in an answer, in addition to one for each character; a longer one is not believed."""

_Segment = tuple[int, int, int]
"""Number of the text, start and end of the segment in it."""
_Answer = Callable[[Sequence[str]], Sequence[WrittenAnswer]]


def detect_in_segments(texts: Sequence[str], answer: _Answer, rows: int = sys.maxsize) -> list[Prediction]:
    """The entities of each of `texts`, as `answer` writes them about at most `rows` segments at a time.

    A segment whose answer is not whole is asked about again in halves, down to `LEAST` characters. Raises
    InvalidTextError for a text with lone surrogates.
    """
    texts = [Text.of(text) for text in texts]
    detections: list[list[Detection]] = [[] for _ in texts]
    pending = [
        (number, *span)
        for number, text in enumerate(texts)
        for span in (segments(text, SEGMENT, OVERLAP) if text else ())
    ]
    while pending:
        pending.sort(key=lambda segment: segment[1] - segment[2])
        halves: list[_Segment] = []
        for start in range(0, len(pending), rows):
            halves += _answer_segments(pending[start : start + rows], texts, answer, detections)
        pending = halves
    # of entities that overlap, found in neighbouring segments, the longest stays
    return [Prediction(text, tuple(longest(each))) for text, each in zip(texts, detections, strict=True)]


def _answer_segments(
    batch: Sequence[_Segment], texts: Sequence[str], answer: _Answer, detections: list[list[Detection]]
) -> Iterator[_Segment]:
    """Ask about `batch`; put what is there into `detections` and yield the halves of those that took too long."""
    parts = [texts[number][start:end] for number, start, end in batch]
    for (number, start, _), part, written in zip(batch, parts, answer(parts), strict=True):
        in_part, whole = read_answer(part, written)
        if whole or len(part) <= LEAST:
            detections[number] += [detection.moved(start) for detection in in_part]
        else:
            half = len(part) // 2 + 1
            yield from ((number, start + low, start + high) for low, high in segments(part, half, half // 8))
