"""Databases by URLs of SQLAlchemy: connections that only read, and errors that tell neither passwords nor values.

https://docs.sqlalchemy.org/en/21/core/engines.html#database-urls
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from schemas.errors import DataError
from serving.scan.parts import ReadError
from serving.scan.urls import shown_url

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

_DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql")
"""Databases whose URLs need not name a driver."""
_POSTGRES = re.compile(r"^postgres(?=\+|$)")
"""The scheme that PostgreSQL's own programs know, and SQLAlchemy does not."""
_PACKAGES = {"psycopg": "'psycopg[binary]'", "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}
"""Packages of drivers, where they have other names than the modules."""
_SQLITE_ERROR, _SQLITE_NOTADB = 1, 26
"""The codes of SQLite for a statement that it cannot run, and for a file that is not its own."""
_ALL_ROWS = "set row_security = off"
"""Makes an error of a table of which PostgreSQL would hide rows from this user."""


class BrokenText(bytes):
    """What SQLite holds as a text and that is not UTF-8."""


def is_database(source: str) -> bool:
    """Whether `source` is the URL of a database, such as postgresql+psycopg://host/name."""
    scheme, mark, _ = source.partition("://")
    name = _POSTGRES.sub("postgresql", scheme.lower())
    return bool(mark) and ("+" in scheme or name in _DIALECTS)


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection to the database at `url` that only reads, where the database can be told so.

    Raises DataError for a database that cannot be reached or goes away, and ReadError for what it refuses.
    """
    with _explained(url), _connection(url) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_ALL_ROWS)
        yield connection


def _connection(url: str) -> Connection:
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    options = {"postgresql_readonly": True}
    try:
        engine = create_engine(_reading(url), poolclass=NullPool, hide_parameters=True, execution_options=options)
        if engine.dialect.is_async:
            raise DataError(f"{shown_url(url)}: names a driver that works asynchronously only")
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_text_factory)
        return engine.connect()
    except (TypeError, ValueError):  # of SQLAlchemy or the driver
        raise DataError(f"{shown_url(url)}: what stands behind ? cannot be used") from None


def _parsed(url: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    scheme = url.partition("://")[0]
    right = _POSTGRES.sub("postgresql", scheme.lower())
    if scheme != right:
        raise DataError(f"{shown_url(url)}: write {right}:// instead of {scheme}://")
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DataError(f"{shown_url(url)}: not a URL of a database; write @ : / ? of a password as %40 …") from None
    if "@" in f"{parsed.host}{parsed.database}":
        raise DataError(f"{shown_url(url)}: has more than one @; write that of a password as %40")
    return parsed


def _reading(url: str) -> URL:
    """The URL that is opened: a file of SQLite so that nothing can be written, and none is made."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return parsed
    name = parsed.database or ""
    if not Path(name).is_file():
        hint = "; write # as %23 and ? as %3F" if {"#", "?"} & set(url) else ""
        raise DataError(f"{name or shown_url(url)}: no such file{hint}")
    return parsed.set(database=f"file:{quote(name)}").update_query_dict({"mode": "ro", "uri": "true"})


def _set_text_factory(connection: Any, _: object) -> None:
    connection.text_factory = _as_text


def _as_text(data: bytes) -> str | bytes:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return BrokenText(data)


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turn what SQLAlchemy and drivers raise into errors in one sentence."""
    from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

    try:
        yield
    except ImportError as error:
        name = error.name or _parsed(url).get_driver_name()
        package = _PACKAGES.get(name, name)
        raise DataError(f"{shown_url(url)}: its driver cannot be loaded: pip install {package}") from None
    except NoSuchModuleError:
        raise DataError(f"{shown_url(url)}: SQLAlchemy knows no such database or driver") from None
    except DBAPIError as error:
        if _is_refusal(error):
            raise ReadError(f"the database does not give it ({_kind(error)})") from None
        raise DataError(f"{shown_url(url)}: {_reason(error)}") from None
    except SQLAlchemyError as error:
        raise DataError(f"{shown_url(url)}: cannot be read ({type(error).__name__})") from None


def _is_refusal(error: Any) -> bool:
    """Whether the database is there, and does not do what it is asked."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    code = getattr(error.orig, "sqlite_errorcode", None)
    if code in (_SQLITE_ERROR, _SQLITE_NOTADB):
        return bool(code == _SQLITE_ERROR)
    return not error.connection_invalidated and not isinstance(error, OperationalError | InterfaceError)


def _reason(error: Any) -> str:
    """Why the database cannot be read, in words of our own: what drivers say may have a password or a value."""
    if getattr(error.orig, "sqlite_errorcode", None) == _SQLITE_NOTADB:
        return "not a file of SQLite"
    return f"cannot be reached or used, or went away ({_kind(error)}); check server, user, password and options"


def _kind(error: Any) -> str:
    """The class of the driver's error, and its code where it has one."""
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    return f"{type(error.orig).__name__} {code or ''}".strip()
