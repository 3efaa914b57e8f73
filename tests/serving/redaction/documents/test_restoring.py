"""Documents come back with their values escaped for where they stand."""

import csv
import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DataError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from serving.redaction import make_operator, redact
from serving.redaction.documents.columns import Columns
from serving.redaction.documents.text_restorer import TextRestorer
from serving.redaction.replacement_map import ReplacementMap
from tests.serving.redaction.documents.crossed import restore_file

VALUES = ['"大院"5号, 1楼', "a\tb", "两\n行", "\\n", "张三"]


def restored(text: str, ending: str, replacement_map: ReplacementMap, *columns: str) -> tuple[str, int]:
    """The restored text of a file with this ending, and how many stand-ins in it have no value."""
    restorer = TextRestorer(replacement_map)
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / f"answer{ending}", Path(folder) / "out"
        source.write_bytes(text.encode())
        restore_file(source, target, Columns(columns), restorer)
        return target.read_bytes().decode(), restorer.unrestored


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
    back, unrestored = restored(text, ending, replacement_map)
    assert list(csv.reader(StringIO(back, newline=""), delimiter=delimiter)) == [*told, []]
    assert unrestored == 0


def _written(rows: list[list[int | str]], delimiter: str) -> str:
    file = StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue()


def test_what_needs_no_quotes_stays_as_it_is_written() -> None:
    replacement_map, stand_ins = _map()
    text = f'"名","址"\nx,{stand_ins[4]}\n"[ADDRESS_77]",1.0'
    assert restored(text, ".csv", replacement_map) == ('"名","址"\nx,张三\n"[ADDRESS_77]",1.0', 1)


def test_json_and_lines_of_it() -> None:
    replacement_map, stand_ins = _map()
    for value, stand_in in zip(VALUES, stand_ins, strict=True):
        line = json.dumps({"a": [f"in {stand_in}"]}, ensure_ascii=False)
        assert json.loads(restored(line, ".json", replacement_map)[0]) == {"a": [f"in {value}"]}
        lines = restored(f"{line}\n\n{line}\n", ".jsonl", replacement_map)[0].split("\n")
        assert [json.loads(one)["a"] for one in lines if one] == [[f"in {value}"]] * 2


def test_what_cannot_be_read_is_an_error() -> None:
    with pytest.raises(DataError, match=r"answer\.\w+:2: not JSON"):
        restored('{"a": 1}\n{"a"\n', ".jsonl", _map()[0])
    with pytest.raises(DataError, match=r"answer\.\w+:2: has a quotation mark inside"):
        restored('a,b\nx"y",z\n', ".csv", _map()[0])
    with pytest.raises(DataError, match=r"answer\.\w+:1: a quote is not closed"):
        restored('a,"b\n', ".csv", _map()[0])


@pytest.mark.parametrize(
    ("ending", "text", "told"),
    [
        (".csv", "id,text\n{0},打{0}\n", "id,text\n{0},打张三\n"),
        (".jsonl", '{{"id":"{0}","text":["打{0}"]}}\n', '{{"id":"{0}","text":["打张三"]}}\n'),
    ],
)
def test_only_columns_that_are_named_are_restored(ending: str, text: str, told: str) -> None:
    replacement_map, stand_ins = _map()
    column = "text[*]" if ending == ".jsonl" else "text"
    back = restored(text.format(stand_ins[4]), ending, replacement_map, column)
    assert back == (told.format(stand_ins[4]), 0)
    with pytest.raises(DataError, match="has no column note"):
        restored(text.format(stand_ins[4]), ending, replacement_map, "note")


def test_a_line_break_within_a_line_of_json_ends_no_record() -> None:
    replacement_map, stand_ins = _map()
    line = '{"a":\r"' + stand_ins[4] + '"}\r\n'
    for columns in ([], ["a"]):
        assert restored(line * 2, ".jsonl", replacement_map, *columns)[0] == '{"a":\r"张三"}\r\n' * 2


def test_texts_in_parquet_are_restored(tmp_path: Path) -> None:
    table = pytest.importorskip("pyarrow").table
    from pyarrow import parquet

    replacement_map, stand_ins = _map()
    columns = {"id": [1, 2], "text": [f"打{stand_ins[4]}", None], "note": [stand_ins[4], "[ADDRESS_77]"]}
    parquet.write_table(table(columns), tmp_path / "a.parquet")
    for named, expected in (
        ([], {"text": ["打张三", None], "note": ["张三", "[ADDRESS_77]"]}),
        (["text"], {"text": ["打张三", None]}),
    ):
        restorer = TextRestorer(replacement_map)
        assert restore_file(tmp_path / "a.parquet", tmp_path / "b.parquet", Columns(named), restorer) == 2
        assert parquet.read_table(tmp_path / "b.parquet").to_pydict() == columns | expected
        assert restorer.unrestored == (0 if named else 1)
