"""Databases by URLs of SQLAlchemy: connections that only read, and errors that tell neither passwords nor values.

https://docs.sqlalchemy.org/en/21/core/engines.html#database-urls
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from schemas.errors import DataError
from serving.scan.parts import ReadError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

_DIALECTS = ("sqlite", "postgresql", "mysql", "mariadb", "oracle", "mssql")
"""Databases whose URLs need not name a driver."""
_PLACES = ("host", "port", "unix_socket")
"""What the query of a URL may say that is no secret: where the server is."""
_PACKAGES = {"psycopg": "'psycopg[binary]'", "psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient"}
"""Packages of drivers, where they have other names than the modules."""
_SQLITE_ERROR = 1
"""The code of SQLite for a statement that it cannot run."""


class BrokenText(bytes):
    """What SQLite holds as a text and that is not UTF-8."""


def is_database(source: str) -> bool:
    """Whether `source` is the URL of a database, such as postgresql+psycopg://host/name."""
    scheme, mark, _ = source.partition("://")
    return bool(mark) and ("+" in scheme or scheme in _DIALECTS)


def shown_url(url: str) -> str:
    """`url` as people may read it: without its password, and with nothing of its query but where the server is.

    Raises DataError for a URL that cannot be read.
    """
    from sqlalchemy import URL

    parsed = _parsed(url)
    query = {name: value for name, value in parsed.query.items() if name in _PLACES}
    names = parsed.drivername, parsed.username, None, parsed.host, parsed.port, parsed.database
    return URL.create(*names, query).render_as_string()


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection to the database at `url` that only reads, where the database can be told so.

    Raises DataError for a database that cannot be reached or goes away, and ReadError for what it refuses.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import NullPool

    with _explained(url):
        options = {"postgresql_readonly": True}
        engine = create_engine(_reading(url), poolclass=NullPool, hide_parameters=True, execution_options=options)
        if engine.dialect.is_async:
            raise DataError(f"{shown_url(url)}: names a driver that works asynchronously only")
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_text_factory)
        with engine.connect() as connection:
            yield connection


def _parsed(url: str) -> URL:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    scheme = url.partition("://")[0]
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise DataError(f"{scheme}://…: not a URL of a database; write signs within a password as %40 for @") from None
    if "@" in f"{parsed.host}{parsed.database}":
        raise DataError(f"{scheme}://…: has more than one @; write that of a password as %40")
    return parsed


def _reading(url: str) -> URL:
    """The URL that is opened: a file of SQLite so that nothing can be written, and none is made."""
    parsed = _parsed(url)
    if parsed.get_backend_name() != "sqlite":
        return parsed
    name = parsed.database or ""
    if not Path(name).is_file():
        raise DataError(f"{name or shown_url(url)}: no such file")
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
            raise ReadError(f"the database does not give it ({_reason(error, url)})") from None
        raise DataError(f"{shown_url(url)}: {_reason(error, url)}") from None
    except SQLAlchemyError as error:
        raise DataError(f"{shown_url(url)}: cannot be read ({type(error).__name__})") from None


def _is_refusal(error: Any) -> bool:
    """Whether the database is there, and does not do what it is asked."""
    from sqlalchemy.exc import InterfaceError, OperationalError

    if getattr(error.orig, "sqlite_errorcode", None) == _SQLITE_ERROR:
        return True
    return not error.connection_invalidated and not isinstance(error, OperationalError | InterfaceError)


def _reason(error: Any, url: str) -> str:
    """The first line of what the driver says, without the password; its kind alone where that may have a value."""
    from sqlalchemy.exc import OperationalError

    lines = str(error.orig).strip().splitlines() if isinstance(error, OperationalError) else []
    lines = lines or [type(error.orig).__name__]
    password = _parsed(url).password
    return lines[0].replace(str(password), "***") if password else lines[0]
