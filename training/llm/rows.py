"""From a dataset to rows that fit the model: long examples are split as serving splits long texts, never cut."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from schemas.checkpoint.chat_tokenizer import ChatTokenizer, EncodedExample
from schemas.errors import DataError
from schemas.json_fields import as_object, as_string
from schemas.llm.prompt import dialogue, training_example
from schemas.spans.entity import Document, Example
from schemas.spans.record import read_json_lines, read_records
from schemas.taxonomy import EntityType
from schemas.text.sentences import clip, segments
from training.llm.recipe import Batches

_LEAST = 16
"""Characters of a text that is not split further."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of general dialogue and its reply."""

    id: str
    turn: str
    reply: str


Row = Example | Turn


def encode_row(row: Row, types: Sequence[EntityType], chat: ChatTokenizer) -> EncodedExample:
    """The tokens of `row`, asked about `types` when it is an annotated example."""
    if isinstance(row, Turn):
        return chat.dialogue(dialogue(row.turn, row.reply))
    return chat.example(training_example(row, types))


def fit(examples: Iterable[Example], chat: ChatTokenizer, batches: Batches) -> Iterator[Example]:
    """Yield `examples`, the long ones in parts whose ids end in `#0`, `#1`, ...; entities are clipped to their part.

    A part takes at most `batches.max_tokens` tokens when asked about all types that it annotates.
    Raises DataError for an example that no split makes fit (the question alone is too long).
    """
    for example in examples:
        yield from _split(example, batches.segment, chat, batches)


def fitting(turns: Iterable[Turn], chat: ChatTokenizer, batches: Batches) -> list[Turn]:
    """The turns of at most `batches.max_tokens` tokens; how many are left out goes to stderr."""
    listed = list(turns)
    kept = [turn for turn in listed if len(encode_row(turn, (), chat).ids) <= batches.max_tokens]
    if len(kept) < len(listed):
        print(
            f"{len(listed) - len(kept)} turns of dialogue are longer than batches.max_tokens: left out", file=sys.stderr
        )
    return kept


def _split(example: Example, size: int, chat: ChatTokenizer, batches: Batches) -> Iterator[Example]:
    text = example.document.text
    if len(text) <= size and _fits(example, chat, batches.max_tokens):
        yield example
        return
    if len(text) <= min(size, _LEAST):
        raise DataError(f"{example.document.id}: does not fit {batches.max_tokens} tokens (batches.max_tokens)")
    size = min(size, len(text)) if len(text) > size else len(text) // 2 + 1
    for number, (start, end) in enumerate(segments(text, size, min(batches.overlap, size // 4))):
        part = Document(f"{example.document.id}#{number}", text[start:end])
        clipped = replace(example, document=part, entities=clip(example.entities, start, end))
        yield from _split(clipped, size, chat, batches)


def _fits(example: Example, chat: ChatTokenizer, limit: int) -> bool:
    return len(encode_row(example, example.annotated, chat).ids) <= limit


def read_examples(folder: Path, split: str) -> list[Example]:
    """The examples of `split` in a dataset folder that annotate at least one type.

    Raises DataError when the file is missing, RecordError when a line breaks the schema; both name the file.
    """
    return [example for example in read_records(folder / f"{split}.jsonl") if example.annotated]


def read_general(folder: Path) -> list[Turn]:
    """The general dialogue of a dataset folder (`general.jsonl`), in the order of the file.

    Raises DataError when it is missing, RecordError when a line is none; both name the file.
    """
    path = folder / "general.jsonl"
    if not path.is_file():
        raise DataError(f"{path}: no such file; build the data with sources.general")
    turns = read_json_lines(path, _read_turn)
    return [Turn(f"{path.name}:{number}", *pair) for number, pair in enumerate(turns, start=1)]


def _read_turn(value: object) -> tuple[str, str]:
    fields = as_object(value, ("instruction", "input", "output"), "turn")
    return as_string(fields["instruction"], "instruction"), as_string(fields["output"], "output")
