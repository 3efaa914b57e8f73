r"""The answer codec: entities to the JSON that the LLM writes, and back to mentions.

    {"entities":[{"type":"PERSON_NAME","value":"张三"}]}

One item per occurrence, in reading order, without offsets; `schemas.llm.align` finds the spans. The JSON (RFC 8259) has
no white space and writes characters outside ASCII as they are. Escaped are only `\"`, `\\`, the control characters
with a short form (`\b \t \n \f \r`) and the other characters below U+0020 (`\u001f`).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schemas.errors import InvalidTextError, RecordError
from schemas.json_fields import as_list, as_object, as_string, as_type, parse_json
from schemas.spans.entity import Entity, check_spans
from schemas.taxonomy import EntityType
from schemas.text.text import check_text


@dataclass(frozen=True, slots=True)
class Mention:
    """A type and a value that stands somewhere in a text; the value stays out of `repr`.

    Raises RecordError when the value is empty or holds a lone surrogate.
    """

    type: EntityType
    value: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.value:
            raise RecordError(f"the value of {self.type} is empty")
        try:
            check_text(self.value)
        except InvalidTextError:
            raise RecordError(f"the value of {self.type} has a lone surrogate") from None


def encode_answer(text: str, entities: Iterable[Entity]) -> str:
    """Write the answer that the LLM should give about `text`; the order of `entities` does not matter.

    Raises SpanError when entities overlap or leave the text.
    """
    ordered = sorted(entities)
    check_spans(ordered, len(text), "answer")
    items = [{"type": str(entity.type), "value": text[entity.start : entity.end]} for entity in ordered]
    return json.dumps({"entities": items}, ensure_ascii=False, separators=(",", ":"))


def decode_answer(answer: str) -> list[Mention]:
    """Read an answer that follows `schemas.json_schema.answer_schema`.

    Raises RecordError, which names the item and the field, for anything else.
    """
    items = as_list(as_object(parse_json(answer), ("entities",), "answer")["entities"], "entities")
    return [_mention(item, f"entities[{index}]") for index, item in enumerate(items)]


_START = '{"entities":['
_ITEM = re.compile(r'\{"type":"(?P<type>[A-Z_]+)","value":"(?P<value>(?:[^"\\]|\\.)+)"\}')


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """The half-open character span of an answer in which its writer has a choice; the rest is forced syntax.

    A `decision` is where the list goes on or ends: from the quote before it to the first character that tells.
    The other parts are the names of types and the values.
    """

    start: int
    end: int
    decision: bool


def answer_parts(answer: str) -> Iterator[AnswerPart]:
    """Yield the parts of an answer that `encode_answer` wrote, in order; they do not overlap.

    Raises RecordError when `answer` does not follow the codec.
    """
    if not answer.startswith(_START):
        raise RecordError("answer: does not follow the codec")
    position = len(_START)
    yield AnswerPart(position - 3, position + 1, decision=True)
    for item in _items(answer):
        yield AnswerPart(*item.span("type"), decision=False)
        yield AnswerPart(*item.span("value"), decision=False)
        yield AnswerPart(item.end() - 2, item.end() + 1, decision=True)
        position = item.end() + 1
    if answer[position - (position > len(_START)) :] != "]}":
        raise RecordError("answer: does not follow the codec")


def close_answer(answer: str) -> str:
    """The answer that consists of the whole items with which a cut-off `answer` begins."""
    items = ",".join(item.group() for item in _items(answer))
    return f"{_START}{items}]}}"


def _items(answer: str) -> Iterator[re.Match[str]]:
    """The whole items with which `answer` begins."""
    position = len(_START)
    while answer.startswith(_START) and (item := _ITEM.match(answer, position)) is not None:
        yield item
        position = item.end() + 1


def _mention(item: object, name: str) -> Mention:
    fields = as_object(item, ("type", "value"), name)
    kind, value = as_type(fields["type"], f"{name}.type"), as_string(fields["value"], f"{name}.value")
    try:
        return Mention(kind, value)
    except RecordError as error:
        raise RecordError(f"{name}: {error}") from None
