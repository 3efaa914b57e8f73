"""What the tagger's model takes: windows of tokens, each padded to a length that follows from its own alone.

So a window can stand beside others of its padded length, and gives exactly what it gives alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.checkpoint.tagger_manifest import WindowConfig
from schemas.spans.tags import Span
from schemas.tagger.lexicon import FEATURES, Lexicon, features
from schemas.text.markup import without_emphasis
from schemas.text.text import Text
from schemas.text.tokenize import Tokenizer, tokenize
from schemas.text.windows import windows

_STEP = 8


class Tokens(NamedTuple):
    """A text as the model reads it: the ids of its tokens, and their marks by the lexicon."""

    ids: list[int]
    words: list[int]


class Window(NamedTuple):
    """Tokens `start` to `end` of the text number `row`."""

    row: int
    start: int
    end: int


def read_tokens(tokenizer: Tokenizer, lexicon: Lexicon, text: str) -> tuple[Tokens, Sequence[Span]]:
    """Tokens of a whole `text` and the characters that each stands for.

    Raises InvalidTextError for a text with lone surrogates.
    """
    ids, spans = tokenize(tokenizer, text)
    return Tokens(ids, lexicon.mark(without_emphasis(Text.of(text)), spans)), spans


def cut(texts: Sequence[Tokens], config: WindowConfig) -> list[Window]:
    """The windows of all texts, in order; none for a text without tokens."""
    return [
        Window(row, start, end)
        for row, text in enumerate(texts)
        if text.ids
        for start, end in windows(len(text.ids), config.size, config.overlap)
    ]


def model_inputs(
    batch: Sequence[Window], texts: Sequence[Tokens], config: WindowConfig
) -> dict[str, npt.NDArray[np.generic]]:
    """The windows of a batch as the model's inputs.

    `input_ids` and `attention_mask` are (windows, length), `words` are (windows, length, `FEATURES`).
    """
    length = padded_length(batch[0])
    ids = np.full((len(batch), length), config.pad, np.int64)
    mask = np.zeros((len(batch), length), np.int64)
    words = np.zeros((len(batch), length, FEATURES), np.float32)
    for place, (row, start, end) in enumerate(batch):
        tokens = end - start
        ids[place, : tokens + 2] = [config.bos, *texts[row].ids[start:end], config.eos]
        mask[place, : tokens + 2] = 1
        words[place, 1 : tokens + 1] = features(texts[row].words[start:end])
    return {"input_ids": ids, "words": words, "attention_mask": mask}


def padded_length(window: Window) -> int:
    """Tokens of `window` and two special ones, rounded up."""
    return -(-(window.end - window.start + 2) // _STEP) * _STEP
