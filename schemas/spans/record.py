"""The dataset record: the JSON form of `Example`, one object a line.

    {"id": "1", "text": "我叫张三", "source": "synth", "family": "chat", "types": ["PERSON_NAME"],
     "slices": {"length": "1-50"}, "entities": [{"type": "PERSON_NAME", "value": "张三", "start": 2, "end": 4}]}

`types` are the annotated types. A row may also hold the Alpaca form of its example (`schemas.llm.alpaca`), which the
reader passes over. `schemas.json_schema.record_schema` describes it.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from schemas.errors import DataError, InvalidTextError, RecordError, SpanError
from schemas.files import replacing
from schemas.json_fields import as_list, as_object, as_string, as_type, parse_json
from schemas.json_lines import json_line
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType
from schemas.text.text import check_text

Row = TypeVar("Row")

RECORD_KEYS = ("id", "text", "source", "family", "types", "slices", "entities")
ALPACA_KEYS = ("instruction", "input", "output")
ENTITY_KEYS = ("type", "value", "start", "end")


def to_record(example: Example) -> dict[str, Any]:
    """The JSON form of `example`."""
    text = example.document.text
    return {
        "id": example.document.id,
        "text": text,
        "source": example.source,
        "family": example.family,
        "types": [str(kind) for kind in example.annotated],
        "slices": dict(example.slices),
        "entities": [_entity_record(text, entity) for entity in example.entities],
    }


def _entity_record(text: str, entity: Entity) -> dict[str, Any]:
    value = text[entity.start : entity.end]
    return {"type": str(entity.type), "value": value, "start": entity.start, "end": entity.end}


def from_record(record: object) -> Example:
    """Read the JSON form of an example. Raises RecordError, which names the field, when it breaks the schema."""
    if isinstance(record, dict) and all(key in record for key in ALPACA_KEYS):
        record = {key: value for key, value in record.items() if key not in ALPACA_KEYS}
    fields = as_object(record, RECORD_KEYS, "record")
    name, text, source, family = (_read_text(fields[key], key) for key in ("id", "text", "source", "family"))
    items = as_list(fields["entities"], "entities")
    entities = tuple(_read_entity(item, text, f"entities[{index}]") for index, item in enumerate(items))
    annotated = _read_types(fields["types"])
    try:
        return Example(Document(name, text), entities, source, family, annotated, _read_slices(fields["slices"]))
    except SpanError as error:
        raise RecordError(f"entities: {error}") from None


def _read_text(value: object, name: str) -> str:
    text = as_string(value, name)
    try:
        check_text(text)
    except InvalidTextError as error:
        raise RecordError(f"{name}: {error}") from None
    return text


def _read_types(value: object) -> tuple[EntityType, ...]:
    types = tuple(as_type(item, f"types[{index}]") for index, item in enumerate(as_list(value, "types")))
    if len(set(types)) < len(types):
        raise RecordError("types: a type is repeated")
    return types


def _read_slices(value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise RecordError("slices: not an object")
    return {key: as_string(item, f"slices.{key}") for key, item in value.items()}


def _read_entity(item: object, text: str, name: str) -> Entity:
    fields = as_object(item, ENTITY_KEYS, name)
    start, end = _read_offset(fields["start"], f"{name}.start"), _read_offset(fields["end"], f"{name}.end")
    kind = as_type(fields["type"], f"{name}.type")
    if as_string(fields["value"], f"{name}.value") != text[start:end]:
        raise RecordError(f"{name}.value: differs from the text at [{start}, {end})")
    try:
        return Entity(start, end, kind)
    except SpanError as error:
        raise RecordError(f"{name}: {error}") from None


def _read_offset(value: object, name: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise RecordError(f"{name}: not an integer of 0 or more")
    return value


def read_records(path: str | Path) -> Iterator[Example]:
    """Yield the examples of a JSON Lines file in UTF-8.

    Raises DataError when the file cannot be read or a line is not UTF-8, RecordError when a line breaks the schema;
    both name file and line.
    """
    return read_json_lines(path, from_record)


def read_json_lines(path: str | Path, read: Callable[[object], Row]) -> Iterator[Row]:
    """Yield what `read` makes of the JSON value of every line of a file in UTF-8; a byte order mark is passed over.

    Raises DataError when the file cannot be read or a line is not UTF-8, RecordError for what `read` refuses; both
    name file and line.
    """
    try:
        with Path(path).open("rb") as file:
            for number, line in enumerate(file, start=1):
                yield _read_line(line, f"{path}:{number}", read)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None


def _read_line(line: bytes, place: str, read: Callable[[object], Row]) -> Row:
    try:
        return read(parse_json(line.decode("utf-8-sig")))
    except UnicodeDecodeError as error:
        raise DataError(f"{place}: byte {error.start} is not UTF-8") from None
    except RecordError as error:
        raise RecordError(f"{place}: {error}") from None


def write_records(path: str | Path, examples: Iterable[Example]) -> int:
    """Write `examples` as JSON Lines in UTF-8 and return their number.

    `path` appears complete or not at all: the lines go to a temporary file beside it, which then takes its place or,
    on any error, is removed. A link's target is replaced, not the link. Raises DataError when `path` is
    no regular file, OSError when the folder cannot be written.
    """
    target = Path(path)
    if target.exists() and not target.is_file():
        raise DataError(f"{path}: not a regular file")
    count = 0
    with replacing(target) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        for count, example in enumerate(examples, start=1):  # noqa: B007 - count is the result
            file.write(json_line(to_record(example)))
    return count
