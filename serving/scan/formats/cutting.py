"""Cuts files of records into stretches of whole records."""

from collections.abc import Iterator
from typing import BinaryIO

from serving.scan.parts import ReadError

_LONGEST = 64 << 20
"""Bytes of the longest record that is read."""
_HEAD = 1 << 16
_BOM, _UTF16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_TOO_LONG = "has a record of more than 64 MB"


def begin(stream: BinaryIO) -> int:
    """Where the first record of the file begins: behind a byte order mark, if it has one.

    Raises ReadError for a file that looks like UTF-16.
    """
    data = stream.read(_HEAD)
    if data.startswith(_UTF16) or b"\0" in data:
        raise ReadError("looks like UTF-16; save it as UTF-8")
    return len(_BOM) if data.startswith(_BOM) else 0


def cut_lines(stream: BinaryIO, start: int, size: int) -> Iterator[tuple[int, int]]:
    """Stretches of whole lines from the byte `start` to the end of the file, each of about `size` bytes.

    Raises ReadError for a line that is too long.
    """
    last = stream.seek(0, 2)
    while start < last:
        stream.seek(min(start + size, last))
        line = stream.readline(_LONGEST)
        if len(line) == _LONGEST and not line.endswith(b"\n"):
            raise ReadError(_TOO_LONG)
        end = min(start + size, last) + len(line)
        yield start, end
        start = end


def cut_records(stream: BinaryIO, start: int, size: int) -> Iterator[tuple[int, int]]:
    """The same for records in which line breaks may stand within quotes. Every byte is read."""
    stream.seek(start)
    data = b""
    while block := stream.read(size):
        data += block
        end = _last_end(data)
        if end:
            yield start, start + end
            start, data = start + end, data[end:]
        elif len(data) > _LONGEST:
            raise ReadError(f"{_TOO_LONG}; a quote may not be closed")
    if data:
        yield start, start + len(data)


def _last_end(data: bytes) -> int:
    """Where the last record ends that is whole, or 0: behind a line break with an even number of quotes before it."""
    quotes, end = data.count(b'"'), len(data)
    while (position := data.rfind(b"\n", 0, end)) >= 0:
        quotes -= data.count(b'"', position, end)
        if quotes % 2 == 0:
            return position + 1
        end = position
    return 0
