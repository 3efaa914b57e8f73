"""`pii-sft redact` and `pii-sft restore`: stand-ins for personal values, and the way back."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.input import BOM, add_input, existing, read_input, read_pieces
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import ByType, Commands, per_type
from pii_sft.cli.shared.redaction_run import plan_run, redact_files
from pii_sft.cli.shared.search import add_search
from pii_sft.keys import VARIABLE, keys_from_environment
from schemas.errors import DataError, ModelError
from schemas.files import write_whole
from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES, DEFAULT, EntityType

if TYPE_CHECKING:
    from pii_sft.detector import Detector
    from serving.redaction import RedactionSession, TokenCipher
    from serving.redaction.documents.plan import Job

_OPERATORS = ("label", "mask", "hash", "pseudonym", "keyed", "surrogate")


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
    help_json = "the input is JSON, as a file .json is: redact its strings and numbers, not the names of fields"
    parser.add_argument("--json", action="store_true", help=help_json)
    help_token = (
        f"file for the encrypted token that restore needs; if it exists, its session continues (needs ${VARIABLE})"
    )
    parser.add_argument("--token", type=Path, metavar="FILE", help=help_token)
    help_out = "write the redacted file or folder here; reads .txt .md .log .json .jsonl .ndjson .csv .tsv .parquet"
    parser.add_argument("--out", type=Path, metavar="PATH", help=help_out)
    help_column = "column of every table to redact, or path in JSON Lines (messages[*].content); can be repeated"
    parser.add_argument("--column", action="append", default=[], metavar="NAME", help=help_column)
    help_optional = "the same for a column or field that some tables or records lack; can be repeated"
    parser.add_argument("--optional-column", action="append", default=[], metavar="NAME", help=help_optional)
    add_engine(parser)
    parser.set_defaults(run=_redact)
    restore = commands.add_parser("restore", help="put the values back into a redacted text")
    add_input(restore)
    help_json = "the input is JSON, as files .json are: values are escaped for where they stand"
    restore.add_argument("--json", action="store_true", help=help_json)
    help_token = f"file that redact wrote; needs ${VARIABLE}"
    restore.add_argument("--token", type=Path, required=True, metavar="FILE", help=help_token)
    restore.set_defaults(run=_restore)


def _operator(name: str) -> str:
    if name not in _OPERATORS:
        raise argparse.ArgumentTypeError(f"not one of {', '.join(_OPERATORS)}")
    return name


def _redact(arguments: argparse.Namespace) -> None:
    from serving.redaction.documents.endings import TEXT_TABLES

    if arguments.json and arguments.out:
        raise ModelError("--json is for a text, a file or stdin that is printed; with --out the ending .json says it")
    ending = "" if arguments.out else _ending(arguments.input)
    if ending in TEXT_TABLES:
        raise DataError(f"{arguments.input}: fields and columns of tables are redacted with --column and --out")
    jobs = plan_run(arguments).jobs
    text = "" if arguments.out else read_input(arguments.input)
    detector = load_detector(arguments)
    with _alone_with(arguments.token):
        _redact_input(arguments, detector, jobs, text, ending)


def _redact_input(
    arguments: argparse.Namespace, detector: Detector, jobs: Sequence[Job], text: str, ending: str
) -> None:
    """Redact the files of `jobs`, or without them `text`, whose file has this `ending`."""
    from serving.redaction.documents.endings import JSON
    from serving.redaction.documents.text_redactor import TextRedactor

    session = _session(arguments, detector.custom_rules.types)

    def find(texts: Sequence[str]) -> list[Prediction]:
        return detector.detect_batch(texts, arguments.types, arguments.min_score)

    redactor = TextRedactor(find, session)

    def save() -> None:
        if arguments.token:
            write_whole(arguments.token, session.token() + "\n", private=True)

    if jobs:
        redact_files(jobs, arguments, redactor, save)
        return
    bom = BOM if text.startswith(BOM) else ""
    text = text.removeprefix(BOM)
    redacted = redactor.json(text) if arguments.json or ending == JSON else redactor.texts([text])[0]
    save()
    _print(bom + redacted)


@contextmanager
def _alone_with(token: Path | None) -> Iterator[None]:
    """Wait until no other run goes on with the file of a token, and let none begin: one would undo the other."""
    if token is None:
        yield
        return
    import fcntl  # not on every system, and only a token needs it

    folder = os.open(token.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _ending(source: str) -> str:
    """The ending of the file that `source` names; empty where it names none."""
    path = existing(source)
    return "" if path is None else path.suffix.lower()


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


def _restore(arguments: argparse.Namespace) -> None:
    from serving.redaction import Restorer, read_token
    from serving.redaction.documents.endings import JSON, JSON_LINES, TEXT_TABLES
    from serving.redaction.documents.restoring import restore_document

    with _naming_the_key():
        replacement_map = read_token(_cipher(), _read_token_file(arguments.token))
    ending = _ending(arguments.input)
    if arguments.json or ending in (JSON, *TEXT_TABLES):
        text = read_input(arguments.input)
        bom = BOM if text.startswith(BOM) else ""
        kind = JSON if arguments.json and ending not in JSON_LINES else ending
        restored = restore_document(text.removeprefix(BOM), arguments.input, kind, replacement_map)
        _print(bom + restored.text)
        unrestored = restored.unrestored
    else:
        restorer = Restorer(replacement_map)
        for piece in read_pieces(arguments.input):
            sys.stdout.buffer.write(restorer.feed(piece).encode())
            sys.stdout.buffer.flush()
        _print(restorer.close())
        unrestored = restorer.unrestored
    if unrestored:
        print(f"stand-ins without a value, not restored: {unrestored}", file=sys.stderr)


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
