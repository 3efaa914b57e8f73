"""Databases of SQLite that are scanned in tests."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.serving.scan.cases import CARD, EMAIL, PHONE

ROW = 256
"""Bytes that a part counts for a row, so that so many make a part of one row."""
CUSTOMERS = [(3 * number, f"客户{number}，电话{13800138000 + number}", number) for number in range(12)]


def write_database(path: Path, *statements: str, rows: Iterable[Sequence[Any]] = ()) -> str:
    """Run `statements` in the database at `path`, the last one for each of `rows` if any, and return its URL."""
    with closing(sqlite3.connect(path)) as connection:
        *first, last = statements
        for statement in first:
            connection.execute(statement)
        connection.executemany(last, rows) if rows else connection.execute(last)
        connection.commit()
    return f"sqlite:///{path}"


def write_shop(path: Path) -> str:
    """A database with a table of twelve rows, one of a row, one that is empty, and a view; returns its URL."""
    customers = "create table customers (id integer primary key, note text, age integer)"
    write_database(path, customers, "insert into customers values (?, ?, ?)", rows=CUSTOMERS)
    orders = f"insert into orders values ('b', 2, '寄{EMAIL}'), ('a', 10, '证件{CARD}'), ('a', 9, '打{PHONE}')"
    create = "create table orders (shop text not null, number integer not null, note, primary key (shop, number))"
    write_database(path, create, orders, 'create table "nothing" (note text)')
    return write_database(path, "create view adults as select * from customers")
