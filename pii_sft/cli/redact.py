"""`pii-sft redact` and `pii-sft restore`: stand-ins for personal values, and the way back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.detect import add_input, add_search, read_input
from pii_sft.cli.keys import VARIABLE, keys_from_environment
from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import ByType, Commands, per_type
from schemas.errors import DataError, ModelError
from schemas.files import write_whole
from schemas.taxonomy import ALL_TYPES, DEFAULT, EntityType

if TYPE_CHECKING:
    from serving.redaction import RedactionSession, TokenCipher
    from serving.redaction.documents.document import Redact

_OPERATORS = ("label", "mask", "hash", "pseudonym", "surrogate")


def add_parser(commands: Commands) -> None:
    """Add the commands `redact` and `restore`."""
    parser = commands.add_parser("redact", help="replace personal data in a text, a file or stdin")
    add_search(parser)
    help_operator = f"what replaces a value, or one of a type: {', '.join(_OPERATORS)}; can be repeated"
    parser.add_argument(
        "--style",
        type=per_type(_operator),
        action=ByType,
        default={DEFAULT: "pseudonym"},
        metavar="[TYPE=]STYLE",
        help=f"{help_operator} (default: pseudonym)",
    )
    parser.add_argument(
        "--keep",
        type=bounded(int, 1),
        default=0,
        metavar="N",
        help="how many letters and digits a mask shows (default: 0)",
    )
    help_token = (
        f"file for the encrypted token that restore needs; if it exists, its session continues (needs ${VARIABLE})"
    )
    parser.add_argument("--token", type=Path, metavar="FILE", help=help_token)
    help_out = "write the redacted file or folder here; reads .txt .md .log .jsonl .ndjson .csv .tsv .parquet"
    parser.add_argument("--out", type=Path, metavar="PATH", help=help_out)
    help_column = "column or field of a table to redact; everything else is kept; can be repeated"
    parser.add_argument("--column", action="append", default=[], metavar="NAME", help=help_column)
    add_engine(parser)
    parser.set_defaults(run=_redact)
    restore = commands.add_parser("restore", help="put the values back into a redacted text")
    add_input(restore)
    help_token = f"file that redact wrote; needs ${VARIABLE}"
    restore.add_argument("--token", type=Path, required=True, metavar="FILE", help=help_token)
    restore.set_defaults(run=_restore)


def _operator(name: str) -> str:
    if name not in _OPERATORS:
        raise argparse.ArgumentTypeError(f"not one of {', '.join(_OPERATORS)}")
    return name


def _redact(arguments: argparse.Namespace) -> None:
    if arguments.column and not arguments.out:
        raise ModelError("--column needs --out: it works on files only")
    jobs = _jobs(Path(arguments.input), arguments.out) if arguments.out else []
    text = "" if arguments.out else read_input(arguments.input)
    detector = load_detector(arguments)
    session = _session(arguments, detector.custom_rules.types)

    def redact(texts: Sequence[str]) -> list[str]:
        predictions = detector.detect_batch(texts, arguments.types, arguments.min_score)
        return [redacted.text for redacted in session.redact_all(predictions)]

    if arguments.out:
        _redact_files(jobs, arguments.column, redact)
    redacted = "" if arguments.out else redact([text])[0]
    if arguments.token:
        write_whole(arguments.token, session.token() + "\n")
    _print(redacted)


def _session(arguments: argparse.Namespace, own_types: Iterable[EntityType]) -> RedactionSession:
    """The session that the arguments describe; it goes on with the token's file where that exists."""
    from schemas.per_type import PerType
    from serving.redaction import RedactionSession, hash_key

    keys, file = keys_from_environment(), arguments.token
    secret, cipher = hash_key(keys[0]) if keys else b"", _cipher() if file else None
    operators = PerType.of(arguments.style, "pseudonym", [*ALL_TYPES, *sorted(own_types)])
    with _naming_the_key():
        session = RedactionSession(
            operators,
            keep=arguments.keep,
            hash_key=secret,
            cipher=cipher,
            reversible=file is not None,
            one_way=file is None,
        )
    if file and file.exists():
        session.resume(_read_token_file(file))
    return session


def _redact_files(jobs: Sequence[tuple[Path, Path]], columns: Sequence[str], redact: Redact) -> None:
    from serving.redaction.documents.files import redact_file

    for source, target in jobs:
        count = redact_file(source, target, columns, redact)
        print(f"{target}: {count} records", file=sys.stderr)


def _jobs(source: Path, out: Path) -> list[tuple[Path, Path]]:
    """What is redacted into what. Raises DataError when there is nothing, or when a file would replace itself."""
    from serving.redaction.documents.files import files_in

    if not source.exists():
        raise DataError(f"{source}: no such file or folder")
    inside = source.is_dir() and (out.resolve() == source.resolve() or source.resolve() in out.resolve().parents)
    if inside or out.resolve() == source.resolve():
        raise DataError(f"{out}: is inside the folder that is redacted; choose another place")
    if not source.is_dir():
        return [(source, out)]
    jobs = [(path, out / path.relative_to(source)) for path in files_in(source)]
    if not jobs:
        raise DataError(f"{source}: contains no file that can be redacted")
    return jobs


def _restore(arguments: argparse.Namespace) -> None:
    from serving.redaction import read_token, restore

    text = read_input(arguments.input)
    with _naming_the_key():
        replacement_map = read_token(_cipher(), _read_token_file(arguments.token))
    restored = restore(text, replacement_map)
    _print(restored.text)
    if restored.unrestored:
        print(f"stand-ins without a value, not restored: {restored.unrestored}", file=sys.stderr)


def _cipher() -> TokenCipher | None:
    from serving.redaction import TokenCipher

    keys = keys_from_environment()
    return TokenCipher(keys) if keys else None


@contextmanager
def _naming_the_key() -> Iterator[None]:
    """Say where a missing key is looked for."""
    from serving.redaction import MissingKeyError

    try:
        yield
    except MissingKeyError as error:
        raise ModelError(f"{error} in ${VARIABLE}; `pii-sft key` prints one") from None


def _read_token_file(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not a token file of `pii-sft redact`") from None


def _print(text: str) -> None:
    """Write `text` as it is, byte for byte; on a terminal with a line break behind it."""
    sys.stdout.buffer.write(text.encode() + (b"\n" if sys.stdout.isatty() else b""))
