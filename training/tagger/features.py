"""From examples to model inputs: windows of token ids, BIOES labels, and the tags that the source can teach."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

from schemas.checkpoint.tagger_manifest import WindowConfig
from schemas.spans.entity import Example
from schemas.spans.tags import TAGS, allowed_tags, encode_tags
from schemas.tagger.lexicon import Lexicon
from schemas.tagger.lexicon import features as unpack
from schemas.tagger.model_input import read_tokens
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.text.fold import fold
from schemas.text.windows import windows
from training.tagger.llm_reader import read_window

IGNORED = -100
"""Label of positions without loss (torch's default `ignore_index`)."""

_NUMBER_LIKE = re.compile(r"[A-Za-z]|[0-9](?:[ .,:-]?[0-9]){4}")
"""What a value has at least that is not written in words: a Latin letter, or five digits."""


def taught_types(example: Example) -> list[EntityType]:
    """Types about which `example` can teach: those its source marks, and those that its characters rule out."""
    numberless = not _NUMBER_LIKE.search(fold(example.document.text))
    return [kind for kind in ALL_TYPES if kind in example.annotated or (numberless and not kind.info.in_words)]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a text is cut into: tokens of the tagger, words of the lexicon, and tokens of a reader if there is one."""

    tokenizer: Tokenizer
    lexicon: Lexicon
    reader: Tokenizer | None = None


def featurize(
    examples: Iterable[Example], vocabulary: Vocabulary, window: WindowConfig
) -> Iterator[dict[str, list[int]]]:
    """Yield one feature per window, none for a text without tokens.

    A text of which no type is annotated gets no labels. A feature holds `input_ids`, `words` (the lexicon's marks),
    `labels` (all with special tokens) and `allowed` tag ids; with a reader also its `reader_ids`, and in
    `reader_places` where in them each token ends.
    """
    for example in examples:
        text = example.document.text
        (ids, words), spans = read_tokens(vocabulary.tokenizer, vocabulary.lexicon, text)
        tags = encode_tags(spans, example.entities) if example.annotated else [IGNORED] * len(ids)
        allowed = allowed_tags(taught_types(example))
        for start, end in windows(len(ids), window.size, window.overlap) if ids else ():
            feature = {
                "input_ids": [window.bos, *ids[start:end], window.eos],
                "words": [0, *words[start:end], 0],
                "labels": [IGNORED, *tags[start:end], IGNORED],
                "allowed": allowed,
            }
            if vocabulary.reader is not None:
                read, places = read_window(vocabulary.reader, text, spans[start:end])
                feature |= {"reader_ids": read, "reader_places": [0, *places, len(read) - 1]}
            yield feature


@dataclass(frozen=True, slots=True)
class WindowCollator:
    """Pads features into tensors: ids, mask, labels (batch, length), words (…, features), `allowed` (batch, tags)."""

    pad: int

    def __call__(self, features: list[dict[str, list[int]]]) -> dict[str, torch.Tensor]:
        """Return `input_ids`, `words`, `attention_mask`, `labels` and `allowed` of one batch, and a reader's inputs.

        Those are `reader_ids`, `reader_mask` (batch, length of the reading) and `reader_places` (batch, length).
        """
        ids = [torch.tensor(feature["input_ids"]) for feature in features]
        words = [torch.from_numpy(unpack(feature["words"])) for feature in features]
        labels = [torch.tensor(feature["labels"]) for feature in features]
        allowed = torch.zeros(len(features), len(TAGS), dtype=torch.bool)
        for row, feature in zip(allowed, features, strict=True):
            row[feature["allowed"]] = True
        mask = [torch.ones_like(row) for row in ids]
        pad = torch.nn.utils.rnn.pad_sequence
        reading = {}
        if "reader_ids" in features[0]:
            read = [torch.tensor(feature["reader_ids"]) for feature in features]
            reading = {
                "reader_ids": pad(read, batch_first=True),
                "reader_mask": pad([torch.ones_like(row) for row in read], batch_first=True),
                "reader_places": pad(
                    [torch.tensor(feature["reader_places"]) for feature in features], batch_first=True
                ),
            }
        return reading | {
            "input_ids": pad(ids, batch_first=True, padding_value=self.pad),
            "words": pad(words, batch_first=True),
            "attention_mask": pad(mask, batch_first=True),
            "labels": pad(labels, batch_first=True, padding_value=IGNORED),
            "allowed": allowed,
        }
