"""`pii-sft redact` and `pii-sft restore`: stand-ins for personal values, and the way back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.detect import add_input, add_search, read_input
from pii_sft.cli.engine_options import add_engine, load_detector
from pii_sft.cli.keys import VARIABLE, keys_from_environment
from pii_sft.cli.numbers import bounded
from pii_sft.cli.parser import Commands
from schemas.errors import DataError, ModelError
from schemas.files import write_whole

if TYPE_CHECKING:
    from serving.redaction import TokenCipher

_STYLES = ("label", "mask", "hash", "pseudonym", "surrogate")


def add_parser(commands: Commands) -> None:
    """Add the commands `redact` and `restore`."""
    parser = commands.add_parser("redact", help="replace personal data in a text, a file or stdin")
    add_search(parser)
    help_style = "what stands in the place of a value (default: pseudonym)"
    parser.add_argument("--style", choices=_STYLES, default="pseudonym", help=help_style)
    parser.add_argument(
        "--keep", type=bounded(int, 1), default=0, metavar="N", help="letters and digits that a mask shows (default: 0)"
    )
    help_token = f"file for the sealed way back, for restore; an existing one is gone on with. Needs ${VARIABLE}"
    parser.add_argument("--token", type=Path, metavar="FILE", help=help_token)
    help_out = "redact a file or folder into this file or folder: .txt .md .log .jsonl .ndjson .csv .tsv .parquet"
    parser.add_argument("--out", type=Path, metavar="PATH", help=help_out)
    help_column = "column or field of a table to redact; repeatable; all else is kept"
    parser.add_argument("--column", action="append", default=[], metavar="NAME", help=help_column)
    add_engine(parser)
    parser.set_defaults(run=_redact)
    restore = commands.add_parser("restore", help="put the values back into a redacted text")
    add_input(restore)
    help_sealed = f"file that redact wrote; needs ${VARIABLE}"
    restore.add_argument("--token", type=Path, required=True, metavar="FILE", help=help_sealed)
    restore.set_defaults(run=_restore)


def _redact(arguments: argparse.Namespace) -> None:
    from pii_sft.redact_files import redact_file
    from serving.redaction import ReplacementMap, hash_key, make_operator, redact

    keys = keys_from_environment()
    if arguments.style == "hash" and not keys:
        raise ModelError(f"hashes need a key in ${VARIABLE}; `pii-sft key` prints one")
    style = make_operator(arguments.style, keep=arguments.keep, key=hash_key(keys[0]) if keys else b"")
    if arguments.token and not style.unique:
        raise ModelError(f"{arguments.style} cannot be undone; use pseudonym, surrogate or hash")
    if arguments.column and not arguments.out:
        raise ModelError("--column is for files; name where the redacted one goes with --out")
    jobs = _jobs(Path(arguments.input), arguments.out) if arguments.out else []
    text = "" if arguments.out else read_input(arguments.input)
    sealer = _sealer() if arguments.token else None
    book = sealer.open(_token(arguments.token)) if sealer and arguments.token.exists() else ReplacementMap()
    detector = load_detector(arguments)

    def run(texts: Sequence[str]) -> list[str]:
        found = detector.detect_batch(texts, arguments.types, arguments.min_score)
        kept = book if style.unique else None
        return [redact(one.text, one.entities, style, kept).text for one in found]

    if arguments.out:
        for source, target in jobs:
            count = redact_file(source, target, arguments.column, run)
            print(f"{target}: {count} records", file=sys.stderr)
    made = "" if arguments.out else run([text])[0]
    if sealer:
        write_whole(arguments.token, sealer.seal(book) + "\n")
    _print(made)


def _jobs(source: Path, out: Path) -> list[tuple[Path, Path]]:
    """What is redacted into what. Raises DataError when there is nothing, or when a file would replace itself."""
    from pii_sft.redact_files import files_in

    if not source.exists():
        raise DataError(f"{source}: no such file or folder")
    inside = source.is_dir() and (out.resolve() == source.resolve() or source.resolve() in out.resolve().parents)
    if inside or out.resolve() == source.resolve():
        raise DataError(f"{out}: lies in what is redacted")
    if not source.is_dir():
        return [(source, out)]
    jobs = [(path, out / path.relative_to(source)) for path in files_in(source)]
    if not jobs:
        raise DataError(f"{source}: holds no file that can be redacted")
    return jobs


def _restore(arguments: argparse.Namespace) -> None:
    from serving.redaction import restore

    _print(restore(read_input(arguments.input), _sealer().open(_token(arguments.token))))


def _sealer() -> TokenCipher:
    from serving.redaction import TokenCipher

    keys = keys_from_environment()
    if not keys:
        raise ModelError(f"a way back needs a key in ${VARIABLE}; `pii-sft key` prints one")
    return TokenCipher(keys)


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except UnicodeDecodeError:
        raise DataError(f"{path}: not a file that redact wrote") from None


def _print(text: str) -> None:
    """Write `text` as it is, byte for byte; on a terminal with a line break behind it."""
    sys.stdout.buffer.write(text.encode() + (b"\n" if sys.stdout.isatty() else b""))
