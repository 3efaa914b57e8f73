"""The columns of tables that are redacted or restored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from schemas.errors import DataError


@dataclass
class Columns:
    """Names of columns: every table, and every record of a file without a header, has the `required` ones.

    It may be asked about many files, and remembers which of the `optional` ones none of them had.
    """

    required: Sequence[str]
    optional: Sequence[str] = ()
    _found: set[str] = field(default_factory=set)
    _asked: bool = False
    _in_file: bool | None = None

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.all)

    @property
    def all(self) -> tuple[str, ...]:
        """The required ones and the optional ones."""
        return (*self.required, *self.optional)

    def chosen(self, names: Iterable[str], place: str) -> set[str]:
        """Which of `names`, those of a table or a record at `place`, are chosen.

        Raises DataError, with `place`, when a required one is missing.
        """
        present = set(self.all).intersection(names)
        self._found |= present
        self._asked = True
        self._in_file = bool(self._in_file or present)
        if missing := [name for name in self.required if name not in present]:
            raise DataError(f"{place}: has no column {missing[0]}; name it with --optional-column if it may be missing")
        return present

    def begin_file(self) -> None:
        """Forget what the file before had, for `in_file`."""
        self._in_file = None

    @property
    def in_file(self) -> bool:
        """Whether the tables or records of the file have any; true of a file without such."""
        return self._in_file is not False

    @property
    def missing(self) -> list[str]:
        """The optional ones that nothing had so far."""
        return [name for name in self.optional if name not in self._found]

    def check_found(self) -> None:
        """Raise DataError when tables were read, and none of them has an optional column: its name may be misspelt."""
        if self._asked and self.missing:
            name = self.missing[0]
            raise DataError(
                f"no record has the column {name}; nothing was changed by that name, and the files are written"
            )


def not_text(column: str, kind: str, place: str) -> DataError:
    """What is raised for a column at `place` that holds `kind`, such as "a list"."""
    return DataError(f"{place}: the column {column} holds {kind}; only texts and numbers can be redacted")
