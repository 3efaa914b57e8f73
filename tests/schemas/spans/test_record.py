"""Dataset records: the JSON form of Example, read strictly and written atomically."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.errors import DataError, RecordError
from schemas.json_schema import record_schema
from schemas.spans.entity import Document, Entity, Example
from schemas.spans.record import from_record, read_records, to_record, write_records
from schemas.taxonomy import EntityType
from tests.strategies import examples

NAME, PHONE = EntityType.PERSON_NAME, EntityType.PHONE_NUMBER
TEXT = "我叫王小明，电话13800138000"
SAMPLE = Example(
    Document("s-1", TEXT), (Entity(2, 5, NAME), Entity(8, 19, PHONE)), "test", "chat", (PHONE, NAME), {"a": "b"}
)
RECORD = {
    "id": "s-1",
    "text": TEXT,
    "source": "test",
    "family": "chat",
    "types": ["PHONE_NUMBER", "PERSON_NAME"],
    "slices": {"a": "b"},
    "entities": [
        {"type": "PERSON_NAME", "value": "王小明", "start": 2, "end": 5},
        {"type": "PHONE_NUMBER", "value": "13800138000", "start": 8, "end": 19},
    ],
}


def test_a_sample() -> None:
    assert to_record(SAMPLE) == RECORD
    assert list(to_record(SAMPLE)) == list(RECORD)
    assert from_record(RECORD) == SAMPLE


@given(examples())
def test_records_follow_their_schema_and_read_back_equal(example: Example) -> None:
    record = json.loads(json.dumps(to_record(example)))
    Draft202012Validator(record_schema()).validate(record)
    assert from_record(record) == example


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """`RECORD` with the value at `path` replaced."""
    record: Any = copy.deepcopy(RECORD)
    inner = record
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return dict(record)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("extra",), 1, "record: has other keys"),
        (("id",), 1, "id: not a string"),
        (("text",), None, "text: not a string"),
        (("text",), TEXT + "\ud800", "text: .*surrogate"),
        (("source",), [], "source: not a string"),
        (("family",), None, "family: not a string"),
        (("types",), "PERSON_NAME", "types: not a list"),
        (("types", 1), "王小明", r"types\[1\]: no entity type"),
        (("types", 1), ["x"], r"types\[1\]: not a string"),
        (("types", 1), "PHONE_NUMBER", "types: a type is repeated"),
        (("types",), ["PERSON_NAME"], "entities: .*PHONE_NUMBER"),
        (("entities",), {}, "entities: not a list"),
        (("entities", 0), "王小明", r"entities\[0\]: not an object"),
        (("entities", 0, "score"), 1, r"entities\[0\]: has other keys"),
        (("entities", 1, "type"), "PHONE", r"entities\[1\]\.type: no entity type"),
        (("entities", 0, "value"), "王小", r"entities\[0\]\.value: differs"),
        (("entities", 0, "value"), 3, r"entities\[0\]\.value: not a string"),
        (("entities", 0, "start"), 2.0, r"entities\[0\]\.start: not an integer"),
        (("entities", 0, "start"), True, r"entities\[0\]\.start: not an integer"),
        (("entities", 0, "start"), -17, r"entities\[0\]\.start: not an integer"),
        (("entities", 0, "end"), "5", r"entities\[0\]\.end: not an integer"),
        (("entities", 1, "end"), 20, "entities: .*outside the text"),
        (("entities", 1), RECORD["entities"][0], "entities: .*overlapping"),
        (("entities", 0), {"type": "EMAIL", "value": "", "start": 3, "end": 3}, r"entities\[0\]: .*empty"),
    ],
)
def test_broken_records_are_refused_by_field(path: tuple[str | int, ...], value: object, message: str) -> None:
    with pytest.raises(RecordError, match=message) as raised:
        from_record(changed(path, value))
    assert "王小明" not in str(raised.value)


@pytest.mark.parametrize("key", list(RECORD))
def test_missing_keys_are_named(key: str) -> None:
    with pytest.raises(RecordError, match=f"record: missing {key}"):
        from_record({name: value for name, value in RECORD.items() if name != key})


@pytest.mark.parametrize("record", [None, [], "王小明", 1])
def test_a_record_is_an_object(record: object) -> None:
    with pytest.raises(RecordError, match="record: not an object"):
        from_record(record)


@given(st.lists(examples(), max_size=4))
def test_files_read_back_equal(written: list[Example]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "data.jsonl"
        assert write_records(path, written) == len(written)
        assert list(read_records(path)) == written
        assert path.read_bytes().count(b"\n") == len(written)


def test_a_file_can_be_rewritten_from_itself(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write_records(path, [SAMPLE, SAMPLE])
    assert write_records(str(path), read_records(str(path))) == 2
    assert list(read_records(path)) == [SAMPLE, SAMPLE]
    assert list(tmp_path.iterdir()) == [path]


def failing() -> Iterator[Example]:
    yield SAMPLE
    raise KeyboardInterrupt


@pytest.mark.parametrize("before", [None, "old"])
def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, before: str | None) -> None:
    path = tmp_path / "data.jsonl"
    if before is not None:
        path.write_text(before)
    with pytest.raises(KeyboardInterrupt):
        write_records(path, failing())
    assert [file.read_text() for file in tmp_path.iterdir()] == ([] if before is None else [before])


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_records(tmp_path / "none" / "data.jsonl", [SAMPLE])


@pytest.mark.parametrize(
    ("line", "kind", "message"),
    [
        (b"\xff\n", DataError, "byte 0 is not UTF-8"),
        (b"\n", RecordError, "not valid JSON"),
        ('{"id":"王小明"'.encode(), RecordError, "not valid JSON"),
        (b'{"id":"1","id":"2"}', RecordError, ".*a key is repeated"),
        (b"{}", RecordError, "record: missing id"),
    ],
)
def test_broken_lines_are_named_by_file_and_line(
    tmp_path: Path, line: bytes, kind: type[Exception], message: str
) -> None:
    path = tmp_path / "data.jsonl"
    write_records(path, [SAMPLE])
    path.write_bytes(path.read_bytes() + line)
    records = read_records(path)
    assert next(records) == SAMPLE
    with pytest.raises(kind, match=f"data.jsonl:2: {message}") as raised:
        next(records)
    assert "王小明" not in str(raised.value)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "data.jsonl"
    write_records(path, [SAMPLE, SAMPLE])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert list(read_records(path)) == [SAMPLE, SAMPLE]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: No such file"):
        next(read_records(tmp_path / "none.jsonl"))


@pytest.mark.parametrize("key", ["id", "source", "family"])
def test_lone_surrogates_are_refused_in_every_string(key: str) -> None:
    record = to_record(Example(Document("1", "张三"), (), "test")) | {key: "\ud800"}
    with pytest.raises(RecordError, match=f"{key}: .*surrogate"):
        from_record(record)


def test_only_regular_files_are_replaced(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a regular file"):
        write_records(tmp_path, [])
    real, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    real.touch()
    link.symlink_to(real)
    assert write_records(link, [Example(Document("1", "张三"), (), "test")]) == 1
    assert link.is_symlink()
    assert len(list(read_records(real))) == 1
