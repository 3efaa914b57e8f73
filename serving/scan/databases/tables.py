"""Tables of databases: which there are, their columns, and the key in whose order their rows are read."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, unquote

from schemas.errors import DataError
from serving.scan.databases.columns import Column, column_of
from serving.scan.databases.connection import connected
from serving.scan.databases.keys import Key, key_range, range_without_keys, within
from serving.scan.parts import ReadError
from serving.scan.urls import shown_url

if TYPE_CHECKING:
    from sqlalchemy import Connection, Inspector

_SYSTEM = "information_schema"
_ROW_IDS = ("rowid", "oid", "_rowid_")
"""How SQLite calls the number of a row, unless a column has that name."""
_PARTITIONS = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relispartition and c.relkind in ('r', 'p', 'f')
"""

_IS_PARTITIONED = """
select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'p' and n.nspname = :schema and c.relname = :name
"""
_SHADOWS = "select name from pragma_table_list where schema = 'main' and type = 'shadow'"
_KNOWS_SHADOWS = (3, 37)
"""The version of SQLite that tells of them."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table; where it has no `key`, its rows are read at once, in the order of all their values.

    `is_only` says that the rows of tables that inherit from it are not read with it, since they are read with these.
    """

    schema: str | None
    name: str
    columns: tuple[Column, ...]
    key: tuple[Column, ...]
    is_only: bool = False

    @property
    def version(self) -> str:
        """A digest of names and types, which another table of this name would change."""
        shape = [(column.name, repr(column.type), str(column.arrow)) for column in (*self.columns, *self.key)]
        return hashlib.sha256(repr(shape).encode()).hexdigest()[:16]

    def ranges(self, connection: Connection, rows: int) -> Iterator[tuple[str, int]]:
        """Ranges of keys with `rows` rows each, and with how many; one range where there is no key."""
        from sqlalchemy import func, select

        if not self.key:
            query = self._own(select(func.count()), self._clause())
            yield range_without_keys(), connection.execute(query).scalar_one()
            return
        after: Key | None = None
        for batch in self._batches(connection, self._select(self._clause(), self.key), rows):
            yield key_range(after, batch), len(batch)
            after = batch[-1]

    def rows(
        self, connection: Connection, columns: Sequence[Column], written: str, limit: int | None, batch: int
    ) -> Iterator[Sequence[Key]]:
        """Rows of the range `written` in batches, with the values of the key and of `columns`; at most `limit`."""
        clause = self._clause()
        conditions = within([clause.c[column.name] for column in self.key], written)
        query = self._select(clause, [*self.key, *columns]).where(*conditions).limit(limit)
        yield from self._batches(connection, query, batch)

    def _clause(self) -> Any:
        """The table in a statement."""
        from sqlalchemy import column, table

        columns = {one.name: column(one.name, one.type) for one in (*self.columns, *self.key)}
        return table(self.name, *columns.values(), schema=self.schema)

    def _select(self, clause: Any, columns: Sequence[Column]) -> Any:
        """The query of the table `clause` for `columns`, in the order of the key."""
        from sqlalchemy import Text, select
        from sqlalchemy import cast as sql_cast

        order = [clause.c[one.name] for one in self.key] or [
            sql_cast(clause.c[one.name], Text()) for one in self.columns
        ]
        query = select(*(one.value(clause.c[one.name]).label(None) for one in columns))
        return self._own(query, clause).order_by(*order)

    def _own(self, query: Any, clause: Any) -> Any:
        """The `query` of the rows of the table `clause`."""
        query = query.select_from(clause)
        return query.with_hint(clause, "ONLY", "postgresql") if self.is_only else query

    def _batches(self, connection: Connection, query: Any, rows: int) -> Iterator[Sequence[Key]]:
        """What `query` gives, in batches that the database keeps until they are asked for."""
        with connection.execute(query, execution_options={"yield_per": rows}) as result:
            yield from result.partitions()


def find_tables(url: str, names: Sequence[str]) -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """Names, paths and versions of the tables `names` of a database, or of all; and names left out with the reason.

    Raises DataError for a database that cannot be read and for a name that no table has.
    """
    from sqlalchemy import inspect

    try:
        with connected(url) as connection:
            inspector = inspect(connection)
            left_out = dict(_left_out(inspector, connection))
            places = {_name(*place): place for place in _places(inspector) if _name(*place) not in left_out}
            for name in names:
                if name not in places:
                    raise DataError(f"{shown_url(url)}: {_missing(name, left_out)}")
            tables = [_described(inspector, *places[name]) for name in names or sorted(places)]
    except ReadError as error:
        raise DataError(f"{shown_url(url)}: {error}") from None
    found = [(_name(table.schema, table.name), _path(url, table), table.version) for table in tables]
    return found, [] if names else sorted(left_out.items())


@contextmanager
def opened(path: str) -> Iterator[tuple[Connection, Table]]:
    """The table at `path`, as `find_tables` gave it, and a connection to its database.

    Raises ReadError where its columns are others than those that `find_tables` saw, now or at the end: SQLite takes a
    column that is gone for a text.
    """
    url, _, place = path.rpartition("#")
    schema, name, version = map(unquote, place.split("/"))
    with connected(url) as connection:
        yield connection, _unchanged(connection, schema or None, name, version)
        _unchanged(connection, schema or None, name, version)


def _unchanged(connection: Connection, schema: str | None, name: str, version: str) -> Table:
    from sqlalchemy import inspect

    table = _described(inspect(connection), schema, name)
    if table.version != version:
        raise ReadError("its columns changed while it was scanned; scan it into another folder")
    return table


def _path(url: str, table: Table) -> str:
    return f"{url}#{quote(table.schema or '', safe='')}/{quote(table.name, safe='')}/{table.version}"


def _name(schema: str | None, name: str) -> str:
    """How people call a table: by its schema, too, if that is not the default one."""
    return f"{schema}.{name}" if schema else name


def _missing(name: str, left_out: dict[str, str]) -> str:
    return f"{name} is {left_out[name]}" if name in left_out else f"has no table {name}"


def _schemas(inspector: Inspector) -> list[str | None]:
    """The schemas that are read, of which None is the default one: all of PostgreSQL's, else that one alone."""
    if inspector.dialect.name != "postgresql":
        return [None]
    others = {_SYSTEM, inspector.default_schema_name}
    return [None, *sorted(name for name in inspector.get_schema_names() if name not in others)]


def _places(inspector: Inspector) -> Iterator[tuple[str | None, str]]:
    return ((schema, name) for schema in _schemas(inspector) for name in inspector.get_table_names(schema))


def _left_out(inspector: Inspector, connection: Connection) -> Iterator[tuple[str, str]]:
    """Names of what is no table of its own, and what it is."""
    from sqlalchemy import text

    for schema in _schemas(inspector):
        views = chain(inspector.get_view_names(schema), _materialized(inspector, schema))
        yield from ((_name(schema, name), "a view, whose rows are those of tables") for name in views)
        if inspector.dialect.name == "postgresql":
            foreign = inspector.get_foreign_table_names(schema)  # type: ignore[attr-defined]  # of PostgreSQL alone
            yield from ((_name(schema, name), "a foreign table, which another database holds") for name in foreign)
    if _tells_of_shadows(inspector.dialect):
        for (name,) in connection.execute(text(_SHADOWS)):
            yield name, "a part of a virtual table, which is read as a whole"
    if inspector.dialect.name == "postgresql":
        for schema, name in connection.execute(text(_PARTITIONS)):
            place = None if schema == inspector.default_schema_name else schema
            yield _name(place, name), "a partition, which is read with its table"


def _tells_of_shadows(dialect: Any) -> bool:
    return dialect.name == "sqlite" and tuple(dialect.server_version_info) >= _KNOWS_SHADOWS


def _materialized(inspector: Inspector, schema: str | None) -> list[str]:
    return inspector.get_materialized_view_names(schema) if inspector.dialect.name == "postgresql" else []


def _described(inspector: Inspector, schema: str | None, name: str) -> Table:
    from sqlalchemy.exc import NoSuchTableError, SAWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)  # of types that it does not know, which are read as texts
        try:
            rows, key = inspector.get_columns(name, schema), inspector.get_pk_constraint(name, schema)
        except NoSuchTableError:
            raise ReadError("is gone") from None
    dialect = inspector.dialect.name
    columns = [column_of(_quoted(row["name"], inspector), row["type"], dialect) for row in rows]
    chosen = _key(rows, columns, key["constrained_columns"])
    if not chosen and dialect == "sqlite":
        chosen = _row_id({column.name.lower() for column in columns})
    quoted = schema and _quoted(schema, inspector), _quoted(name, inspector)
    is_only = dialect == "postgresql" and not _is_partitioned(inspector, schema, name)
    return Table(*quoted, tuple(columns), tuple(chosen), is_only)


def _is_partitioned(inspector: Inspector, schema: str | None, name: str) -> bool:
    from sqlalchemy import text

    connection = cast("Connection", inspector.bind)
    place = {"schema": schema or inspector.default_schema_name, "name": name}
    return connection.execute(text(_IS_PARTITIONED), place).first() is not None


def _quoted(name: str, inspector: Inspector) -> str:
    """`name` in quotes, since no list of reserved words is complete; as it is where quotes would make another of it."""
    from sqlalchemy.sql import quoted_name

    return quoted_name(name, None if inspector.dialect.requires_name_normalize else True)


def _key(rows: Sequence[Any], columns: Sequence[Column], names: Sequence[str]) -> list[Column]:
    """The columns of the primary key; none if it cannot be cut, or may be NULL as in SQLite."""
    numbers = {row["name"]: number for number, row in enumerate(rows)}
    key = [numbers[name] for name in names]
    can_be_cut = all(columns[number].is_key and not rows[number]["nullable"] for number in key)
    return [columns[number] for number in key] if can_be_cut else []


def _row_id(names: set[str]) -> list[Column]:
    """The number of a row in SQLite, unless columns have all its names."""
    from sqlalchemy import Integer

    return [column_of(name, Integer(), "sqlite") for name in _ROW_IDS if name not in names][:1]
