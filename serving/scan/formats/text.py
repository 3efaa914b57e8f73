"""Files of records in UTF-8: CSV, JSON Lines, and texts, of which each line is a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from shutil import copyfileobj
from typing import BinaryIO

from serving.redaction.documents.document import BATCH, TextDocument
from serving.scan.formats.cutting import begin, cut_lines, cut_records
from serving.scan.formats.format import Join, Write
from serving.scan.formats.records import NOT_UTF8, Records, lines_in
from serving.scan.parts import Chunk, Listing, Part, ReadError, chosen_columns
from serving.scan.storage import open_file


@dataclass
class TextChunk(Chunk):
    """Rows, and the records that they stand in."""

    records: list[str] = field(default_factory=list, repr=False)


@dataclass(frozen=True, slots=True)
class TextFormat:
    """A `ScanFormat` of records that `records` reads; `header` gives the names of columns and where the rows begin.

    Where records have `quotes`, line breaks may stand within them.
    """

    records: Callable[[Part], Records]
    header: Callable[[BinaryIO, int, str], tuple[tuple[str, ...], int]]
    quotes: bool = False

    def parts(self, file: int, path: str, ending: str, columns: Sequence[str], part_bytes: int) -> Listing:
        """As `ScanFormat` has it."""
        with open_file(path) as stream:
            names, start = self.header(stream, begin(stream), ending)
            chosen = chosen_columns(columns, names) if names else tuple(columns)
            cut = cut_records if self.quotes else cut_lines
            stretches = list(cut(stream, start, part_bytes)) or [(start, start)][: self.quotes]  # for the header alone
            parts = [
                Part(file, index, path, ending, first, end, end - first, names, chosen)
                for index, (first, end) in enumerate(stretches)
            ]
        return Listing(parts)

    def chunks(self, part: Part, whole: bool) -> Iterator[Chunk]:
        """As `ScanFormat` has it."""
        reader = self.records(part)
        rows = list(reader.split(_text(part)))
        searched = rows if part.limit is None else rows[: part.limit]
        for first in range(0, len(searched), BATCH):
            yield _chunk(first, searched[first : first + BATCH], reader)
        yield Chunk(len(rows), [], reader.found)

    @contextmanager
    def copying(self, part: Part, stream: BinaryIO) -> Iterator[Write]:
        """As `ScanFormat` has it."""
        document = self.records(part).document
        yield lambda chunk, values: stream.write(_rewritten(document, chunk, values).encode())

    @contextmanager
    def joining(self, parts: Sequence[Part], path: str, columns: Sequence[str], stream: BinaryIO) -> Iterator[Join]:
        """As `ScanFormat` has it; what stands before the first row is copied."""
        with open_file(path) as source:
            start = parts[0].start if parts else begin(source)
            source.seek(0)
            stream.write(source.read(start))
        yield lambda copy: copyfileobj(copy, stream)


def _text(part: Part) -> str:
    try:
        with open_file(part.path) as stream:
            stream.seek(part.start)
            data = stream.read(part.end - part.start)
    except OSError as error:
        raise ReadError.of(error) from None
    if len(data) != part.end - part.start:
        raise ReadError("became shorter while it was scanned")
    return data.decode("utf-8", "surrogateescape")


def _chunk(first: int, rows: Sequence[tuple[str, str]], reader: Records) -> TextChunk:
    chunk = TextChunk(first, [], (), records=[record for record, _ in rows])
    for number, (record, fault) in enumerate(rows):
        chunk.cells.append([])
        try:
            if fault or NOT_UTF8.search(record):
                raise ReadError(fault or "not UTF-8")
            chunk.cells[number] = reader.cells(record)
        except ReadError as error:
            lines = f"; it has {lines_in(record)} lines" if lines_in(record) > 1 and not fault else ""
            chunk.faults[number] = f"{error}{lines}"
    chunk.found = reader.found
    return chunk


def _rewritten(document: TextDocument, chunk: TextChunk, values: Sequence[Sequence[str]]) -> str:
    return "".join(
        document.rewritten(record, cells, iter(row))
        for number, (record, cells, row) in enumerate(zip(chunk.records, chunk.cells, values, strict=True))
        if number not in chunk.faults
    )
