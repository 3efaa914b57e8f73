"""The text that a command is about: typed, in a file, or from stdin; and what it prints."""

import codecs
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from pii_sft.cli.shared.parser import Parser
from schemas.errors import DataError
from schemas.files import check_encoding
from schemas.text.text import check_text

BOM = "\ufeff"
"""Byte order mark, with which a file may begin; it is no part of the text."""
_ENDINGS = "txt|md|log|csv|tsv|jsonl?|ndjson|parquet|ya?ml|xml|html?|docx?|xlsx?|pdf"
_FILE_NAME = re.compile(rf"[\w./\\()（）-]+\.(?:{_ENDINGS})", re.IGNORECASE)
"""What can only be meant as a file: reported when missing, since a scan of its name would look like a clean text."""
_HINT = ", though it reads like the name of one; to search it as a text, give it on stdin"


def add_input(parser: Parser) -> None:
    """Add the text, which `read_input` reads."""
    source = "a text, the name of a UTF-8 file, or - for stdin (default)"
    parser.add_argument("input", nargs="?", default="-", metavar="TEXT|FILE|-", help=source)


def read_input(source: str) -> str:
    """The text that `source` stands for, with the byte order mark of a file.

    Raises DataError for a file that is missing, a folder, or not UTF-8, and for a name of a file that does not exist,
    InvalidTextError for a text that is not UTF-8.
    """
    path = existing(source)
    if path is not None and path.is_dir():
        raise DataError(f"{source}: is a folder; name a file")
    if source != "-" and path is None:
        if _FILE_NAME.fullmatch(source):
            raise DataError(f"{shown(source)}: no such file{_HINT if shown(source) != source else ''}")
        check_text(source)
        return source
    data, name = (sys.stdin.buffer.read(), "stdin") if path is None else (path.read_bytes(), source)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(f"{name}: byte {error.start} is not UTF-8") from None
    check_encoding(text, name)
    return text


def read_pieces(source: str) -> Iterator[str]:
    """As `read_input`, but stdin piece by piece, as it comes."""
    if source != "-":
        yield read_input(source)
        return
    decoder, before = codecs.getincrementaldecoder("utf-8")(), 0
    while True:
        data = sys.stdin.buffer.read1(1 << 16)  # type: ignore[union-attr]  # typeshed gives it none
        held = len(decoder.getstate()[0])
        try:
            text = decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise DataError(f"stdin: byte {before - held + error.start} is not UTF-8") from None
        check_encoding(text, "stdin")
        before += len(data)
        yield text
        if not data:
            return


def existing(source: str) -> Path | None:
    """The file or folder that `source` names, if any; a text may be too long or too odd for a file's name."""
    path = Path(source)
    try:
        return path if source not in ("", "-") and path.exists() else None
    except PermissionError:
        raise DataError(f"{shown(source)}: permission denied") from None
    except (OSError, ValueError):
        return None


def ending_of(source: str) -> str:
    """The ending of the file that `source` names; empty where it names none."""
    path = existing(source)
    return "" if path is None else path.suffix.lower()


def print_exactly(text: str) -> None:
    """Write `text` to stdout as it is, byte for byte; on a terminal with a line break behind it."""
    sys.stdout.buffer.write(text.encode() + (b"\n" if sys.stdout.isatty() else b""))


def shown(source: str) -> str:
    """How errors call `source`: by its name where that can only be a file's, since it may be a text."""
    return source if source.isascii() and _FILE_NAME.fullmatch(source) else "the input"
