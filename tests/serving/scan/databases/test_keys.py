"""Parts of a table have each of its rows once, in the order of its key."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, types

from serving.scan.databases.keys import key_range, within
from serving.scan.databases.tables import find_tables
from serving.scan.formats.registry import FORMATS, TABLE
from serving.scan.parts import ReadError
from tests.serving.scan.databases.cases import ROW, write_database

integers = st.integers(-(2**63), 2**63 - 1)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4)
numbers = st.floats(allow_nan=False)


def parts_and_keys(url: str, rows: int, columns: int) -> tuple[list[int], list[tuple[str, ...]]]:
    """How many rows each part has, and the values of all rows in the order of parts."""
    (_, path, _), *_ = find_tables(url, ())[0]
    names = tuple(f"c{number}" for number in range(columns))
    sizes, found = [], []
    for part in FORMATS[TABLE].parts(0, path, TABLE, names, rows * ROW).parts:
        chunks = list(FORMATS[TABLE].chunks(part, whole=False))
        found += [tuple(cell.value for cell in row) for chunk in chunks for row in chunk.cells]
        assert chunks[-1].first == part.rows
        sizes.append(chunks[-1].first)
    return sizes, found


def check(folder: Path, create: str, keys: Sequence[tuple[Any, ...]], rows: int) -> None:
    marks = ", ".join("?" for _ in keys[0])
    url = write_database(folder / "a.db", create, f"insert into t values ({marks})", rows=keys)
    sizes, found = parts_and_keys(url, rows, len(keys[0]))
    assert found == [tuple(map(str, key)) for key in sorted(keys)]
    assert all(size == rows for size in sizes[:-1]) and 0 < sizes[-1] <= rows


@given(st.lists(integers, min_size=1, max_size=20, unique=True), st.integers(1, 6))
def test_parts_of_integers_with_gaps(tmp_path_factory: Any, keys: list[int], rows: int) -> None:
    check(tmp_path_factory.mktemp("t"), "create table t (c0 integer primary key)", [(key,) for key in keys], rows)


@given(st.lists(texts, min_size=1, max_size=20, unique=True), st.integers(1, 6))
def test_parts_of_texts(tmp_path_factory: Any, keys: list[str], rows: int) -> None:
    check(tmp_path_factory.mktemp("t"), "create table t (c0 text not null primary key)", [(key,) for key in keys], rows)


@given(st.lists(st.tuples(st.sampled_from("ab电"), st.integers(0, 3)), min_size=1, unique=True), st.integers(1, 4))
def test_parts_of_keys_of_several_columns(tmp_path_factory: Any, keys: list[tuple[str, int]], rows: int) -> None:
    create = "create table t (c0 text, c1 integer, primary key (c0, c1)) without rowid"
    check(tmp_path_factory.mktemp("t"), create, keys, rows)


def test_parts_of_keys_without_a_type(tmp_path: Path) -> None:
    check(tmp_path, "create table t (c0 primary key) without rowid", [(3,), (1,), (2.5,), (10,)], 2)


@pytest.mark.parametrize("key", ["text primary key", "text", "blob primary key"])
def test_rows_without_a_key_or_with_null_in_it_are_read_by_their_numbers(tmp_path: Path, key: str) -> None:
    keys = [("b",), (None,), ("a",), (None,), ("c",)]
    create = f"create table t (rowid {key}, c0 text)"
    url = write_database(tmp_path / "a.db", create, "insert into t values (?, 'x')", rows=keys)
    assert parts_and_keys(url, 2, 1) == ([2, 2, 1], [("x",)] * 5)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (types.Integer(), -5), (types.Text(), "a'b\n电"), (types.Float(), 0.1), (types.LargeBinary(), b"\0\xff"),
        (types.Numeric(), Decimal("1.10")), (types.Date(), date(2020, 2, 29)), (types.Uuid(), UUID(int=7)),
        (types.DateTime(), datetime(2020, 1, 2, 3, 4, 5, 6)),
        (types.DateTime(timezone=True), datetime(2020, 1, 2, 3, 4, 5, 6, UTC)),
    ],
)  # fmt: skip
def test_keys_are_the_same_when_they_were_written(kind: Any, value: Any) -> None:
    low, high = within([column("a", kind)], key_range((value,), [(value,)]))
    assert (low.right.value, high.right.value) == (value, value)
    assert len(within([column("a", kind)], key_range(None, [(value,)]))) == 1


def test_a_key_that_cannot_be_written_is_an_error() -> None:
    with pytest.raises(ReadError, match="its key has a value of the type NoneType"):
        key_range(None, [(1, None)])
