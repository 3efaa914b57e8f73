"""Documents come back with their values escaped for where they stand."""

import csv
import json
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DataError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from serving.redaction import make_operator, redact
from serving.redaction.documents.restoring import restore_document
from serving.redaction.replacement_map import ReplacementMap

VALUES = ['"大院"5号, 1楼', "a\tb", "两\n行", "\\n", "张三"]


def _map() -> tuple[ReplacementMap, list[str]]:
    """A map with a stand-in for each of `VALUES`."""
    replacement_map, operator = ReplacementMap(), make_operator("pseudonym")
    entities = [[Entity(0, len(value), EntityType.ADDRESS)] for value in VALUES]
    pairs = zip(VALUES, entities, strict=True)
    return replacement_map, [redact(value, own, operator, replacement_map).text for value, own in pairs]


@pytest.mark.parametrize(("ending", "delimiter"), [(".csv", ","), (".tsv", "\t")])
@given(st.lists(st.lists(st.sampled_from([*range(len(VALUES)), "x", "", 'q"q']), min_size=2, max_size=3), min_size=1))
def test_tables(ending: str, delimiter: str, rows: list[list[int | str]]) -> None:
    replacement_map, stand_ins = _map()
    told = [[f"vor {VALUES[cell]}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    sent = [[f"vor {stand_ins[cell]}" if isinstance(cell, int) else cell for cell in row] for row in rows]
    text = _written(sent, delimiter) + "\r\n"
    back = restore_document(text, "answer", ending, replacement_map)
    assert list(csv.reader(StringIO(back.text, newline=""), delimiter=delimiter)) == [*told, []]
    assert back.unrestored == 0


def _written(rows: list[list[int | str]], delimiter: str) -> str:
    file = StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def test_what_needs_no_quotes_stays_as_it_is_written() -> None:
    replacement_map, stand_ins = _map()
    text = f'"名","址"\nx,{stand_ins[4]}\n"[ADDRESS_77]",1.0'
    back = restore_document(text, "answer", ".csv", replacement_map)
    assert back.text == '"名","址"\nx,张三\n"[ADDRESS_77]",1.0'
    assert back.unrestored == 1


def test_json_and_lines_of_it() -> None:
    replacement_map, stand_ins = _map()
    for value, stand_in in zip(VALUES, stand_ins, strict=True):
        line = json.dumps({"a": [f"in {stand_in}"]}, ensure_ascii=False)
        assert json.loads(restore_document(line, "a", ".json", replacement_map).text) == {"a": [f"in {value}"]}
        lines = restore_document(f"{line}\n\n{line}\n", "a", ".jsonl", replacement_map).text.split("\n")
        assert [json.loads(one)["a"] for one in lines if one] == [[f"in {value}"]] * 2


def test_what_cannot_be_read_is_an_error() -> None:
    with pytest.raises(DataError, match="answer:2: not JSON"):
        restore_document('{"a": 1}\n{"a"\n', "answer", ".jsonl", _map()[0])
    with pytest.raises(DataError, match="answer:2: has a quotation mark inside"):
        restore_document('a,b\nx"y",z\n', "answer", ".csv", _map()[0])
    with pytest.raises(DataError, match="answer:1: a quote is not closed"):
        restore_document('a,"b\n', "answer", ".csv", _map()[0])
