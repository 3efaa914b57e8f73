"""Columns of tables: how they are asked for, whether they are read, and what they are in Arrow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from serving.scan.databases.keys import is_key_type

_MOST_DIGITS = 76
"""Digits of the longest decimal number of Arrow."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type in SQLAlchemy as comparisons need it, and its type in Arrow.

    `is_read` says whether it is read where no column is named; numbers, dates, UUIDs and bytes are not. In SQLite all
    are, since any may hold texts: `is_whole` says whether all of its values are read. `is_key` says whether its values
    can be bounds of ranges.
    """

    name: str
    type: Any
    arrow: Any
    is_read: bool = False
    is_whole: bool = False
    is_json: bool = False
    is_cast: bool = False
    is_key: bool = False
    may_be_infinite: bool = False

    def value(self, clause: Any) -> Any:
        """The result of the column `clause`: as the driver gives it, or as the text that the database writes."""
        from sqlalchemy import Text, case, cast, func, type_coerce
        from sqlalchemy.types import NullType

        if self.may_be_infinite:
            clause = case((func.isfinite(clause), clause))  # neither drivers nor Arrow know an infinite date
        return type_coerce(cast(clause, Text()) if self.is_cast else clause, NullType())


def column_of(name: str, kind: Any, dialect: str) -> Column:
    """The column of that name and type of SQLAlchemy in a database of `dialect`."""
    from pyarrow import string
    from sqlalchemy import JSON, Date, DateTime, Numeric, String, Uuid
    from sqlalchemy.types import NullType

    is_sqlite = dialect == "sqlite"  # holds values of any type in any column
    arrow = _sqlite_type(kind) if is_sqlite else _arrow_type(kind)
    is_whole = arrow is None and (is_sqlite or not isinstance(kind, Numeric | Uuid))
    return Column(
        name,
        NullType() if is_sqlite else kind,
        string() if arrow is None else arrow,
        is_read=is_sqlite or is_whole,
        is_whole=is_whole,
        is_json=isinstance(kind, JSON),
        is_key=is_sqlite or is_key_type(kind),
        is_cast=arrow is None and not is_sqlite and not isinstance(kind, String),
        may_be_infinite=dialect == "postgresql" and isinstance(kind, Date | DateTime),
    )


def _sqlite_type(kind: Any) -> Any:
    """The type in Arrow; None for what may hold texts, which dates of SQLite are."""
    import pyarrow
    from sqlalchemy import Boolean, Float, Integer, LargeBinary

    if isinstance(kind, Integer | Boolean):
        return pyarrow.int64()
    if isinstance(kind, LargeBinary):
        return pyarrow.binary()
    return pyarrow.float64() if isinstance(kind, Float) else None


def _arrow_type(kind: Any) -> Any:
    """The type in Arrow; None for a text, and for what is read as the text that the database writes."""
    import pyarrow
    from sqlalchemy import Boolean, Date, DateTime, Float, Integer, LargeBinary, Numeric, Time

    if isinstance(kind, Numeric) and not isinstance(kind, Float):
        return _decimal_type(kind)
    if isinstance(kind, Time) and kind.timezone:
        return None
    types = {
        Boolean: pyarrow.bool_(),
        Integer: pyarrow.int64(),
        Float: pyarrow.float64(),
        LargeBinary: pyarrow.binary(),
        DateTime: pyarrow.timestamp("us", "UTC" if getattr(kind, "timezone", False) else None),
        Date: pyarrow.date32(),
        Time: pyarrow.time64("us"),
    }
    return next((arrow for sql, arrow in types.items() if isinstance(kind, sql)), None)


def _decimal_type(kind: Any) -> Any:
    from pyarrow import decimal128, decimal256

    digits, scale = kind.precision, kind.scale or 0
    if digits is None or not 0 <= scale <= digits <= _MOST_DIGITS:
        return None
    return decimal128(digits, scale) if digits <= _MOST_DIGITS // 2 else decimal256(digits, scale)
