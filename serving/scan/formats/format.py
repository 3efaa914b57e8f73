"""What a format of files does for a scan."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Protocol

from serving.scan.parts import Chunk, Listing, Part

Write = Callable[[Any, Sequence[Sequence[str]]], object]
"""Writes a chunk with other values in the cells of its rows; rows with faults are left out."""
Join = Callable[[BinaryIO], object]
"""Adds the copy of a part to that of its file."""


class ScanFormat(Protocol):
    """A format of files, in parts."""

    def parts(self, file: int, path: str, ending: str, columns: Sequence[str], part_bytes: int) -> Listing:
        """The parts of the file number `file` at `path`, of which `columns` are read, or all with texts.

        Raises ReadError for a file that cannot be read, is not of this format or lacks a column.
        """
        ...

    def chunks(self, part: Part, whole: bool) -> Iterator[Chunk]:
        """The rows of a part; `whole` with all that a copy needs. Raises ReadError when it cannot be read."""
        ...

    def copying(self, part: Part, stream: BinaryIO) -> AbstractContextManager[Write]:
        """What writes the copy of a part into `stream`."""
        ...

    def joining(
        self, parts: Sequence[Part], path: str, columns: Sequence[str], stream: BinaryIO
    ) -> AbstractContextManager[Join]:
        """What writes the copies of the parts of the file at `path`, given in order, into `stream` as one file."""
        ...
