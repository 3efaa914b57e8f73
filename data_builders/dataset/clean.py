"""What is wrong with a single row: the checklist that every row passes before it is written."""

import math
import re
from collections.abc import Mapping

from data_builders.sources.registry import traits_of
from schemas.errors import RecordError
from schemas.json_fields import parse_json
from schemas.llm.prompt import training_example
from schemas.spans.entity import Example
from schemas.spans.record import to_record
from schemas.taxonomy import ALL_TYPES

_TAGS = "p|br|hr|div|span|a|b|i|u|li|ul|ol|td|th|tr|table|html|head|body|img|font|h[1-6]|strong|em|script|style"
_HTML = re.compile(
    rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>|<!--|&(?:nbsp|lt|gt|amp|quot|apos|copy|#x?[0-9a-f]+);", re.IGNORECASE
)
_PIECES = re.compile(r"(?P<letters>[A-Za-z]+)|(?P<digit>\d)|(?P<signs>[^\w]+)|(?P<others>[^\W\dA-Za-z]{1,3})")
_PER_TOKEN = {"letters": 4, "digit": 1, "signs": 3, "others": 1.5}
_NAMES = re.compile(r"[A-Z_]{3,}")


def fault(example: Example) -> str | None:
    """The first rule that the text or a value of `example` breaks, or None.

    Markup is refused only where it is debris: texts of some sources have it on purpose.
    """
    text = example.document.text
    if not text.strip():
        return "empty text"
    if not traits_of(example.source).has_markup and _HTML.search(text):
        return "HTML debris"
    if any(_loose(text[entity.start : entity.end]) for entity in example.entities):
        return "white space at the edge of a value"
    return None


def long_fault(example: Example, max_tokens: int) -> str | None:
    """Whether the question about `example` and its answer, as an LLM is trained on them, pass `max_tokens` or so."""
    pieces = training_example(example, example.annotated)
    too_long = sum(estimate_tokens(piece.text) for piece in pieces) > max_tokens
    return f"more than {max_tokens} tokens" if too_long else None


def alpaca_fault(example: Example, row: Mapping[str, str]) -> str | None:
    """The first thing that is wrong with `row` as the Alpaca form of `example`, or None.

    Its input must be the text, its output valid JSON that matches the entities, and its instruction must name the
    annotated types and no other.
    """
    if row["input"] != example.document.text:
        return "input differs from text"
    try:
        output = parse_json(row["output"])
    except RecordError:
        return "output is not valid JSON"
    if output != {"entities": to_record(example)["entities"]}:
        return "output differs from the entities"
    if set(_NAMES.findall(row["instruction"])) & set(ALL_TYPES) != set(example.annotated):
        return "instruction names other types than are annotated"
    return None


def estimate_tokens(text: str) -> int:
    """About how many tokens Qwen2's tokenizer makes of `text`.

    Two for three Chinese characters, one for four letters or three signs in a row, one for a digit.
    """
    return sum(math.ceil(len(match[0]) / _PER_TOKEN[match.lastgroup or ""]) for match in _PIECES.finditer(text))


def _loose(value: str) -> bool:
    return value != value.strip()
