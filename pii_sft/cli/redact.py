"""`pii-sft redact`: stand-ins for personal values."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.document_run import add_documents, plan_run, run_jobs, warn
from pii_sft.cli.shared.engine_options import add_engine, load_detector
from pii_sft.cli.shared.input import BOM, ending_of, print_exactly, read_input
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import ByType, Commands, per_type
from pii_sft.cli.shared.search import add_search
from pii_sft.cli.shared.tokens import alone_with, environment_cipher, naming_the_key, read_token_file
from pii_sft.keys import VARIABLE, keys_from_environment
from schemas.errors import DataError
from schemas.files import write_whole
from schemas.taxonomy import ALL_TYPES, DEFAULT, EntityType

if TYPE_CHECKING:
    from pii_sft.detector import Detector
    from schemas.engine import Find
    from serving.redaction import RedactionSession
    from serving.redaction.documents.columns import Columns
    from serving.redaction.documents.plan import Job, Plan
    from serving.redaction.documents.text_redactor import TextRedactor

_OPERATORS = ("label", "mask", "hash", "pseudonym", "keyed", "surrogate")


def add_parser(commands: Commands) -> None:
    """Add the command `redact`."""
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
    add_documents(parser, "redact")
    add_engine(parser)
    parser.set_defaults(run=_redact)


def _operator(name: str) -> str:
    if name not in _OPERATORS:
        raise argparse.ArgumentTypeError(f"not one of {', '.join(_OPERATORS)}")
    return name


def _redact(arguments: argparse.Namespace) -> None:
    from serving.redaction.documents.endings import PARQUET, TEXT_TABLES

    ending = "" if arguments.out else ending_of(arguments.input)
    if ending in (*TEXT_TABLES, PARQUET):
        raise DataError(f"{arguments.input}: fields and columns of tables are redacted with --column and --out")
    files = plan_run(arguments, arguments.token, arguments.custom_rules)
    text = "" if arguments.out else read_input(arguments.input)
    detector = load_detector(arguments)
    with alone_with(arguments.token):
        _redact_input(arguments, detector, files, text, ending)


def _redact_input(arguments: argparse.Namespace, detector: Detector, files: Plan, text: str, ending: str) -> None:
    """Redact the jobs of `files`, or where there are none `text`, whose file has this `ending`."""
    from serving.redaction.documents.document import Cell
    from serving.redaction.documents.endings import JSON
    from serving.redaction.documents.text_redactor import TextRedactor

    session = _session(arguments, detector.custom_rules.types)
    redactor = TextRedactor(detector.finding(arguments.types, arguments.min_score), session)

    def save() -> None:
        if arguments.token:
            write_whole(arguments.token, session.token() + "\n", private=True)

    if files.jobs:
        _redact_files(files, arguments, redactor, save)
        return
    bom = BOM if text.startswith(BOM) else ""
    text = text.removeprefix(BOM)
    is_json = arguments.json or ending == JSON
    redacted = redactor.json(text) if is_json else redactor.cells([Cell(0, len(text), text)])[0]
    save()
    print_exactly(bom + redacted)


def _redact_files(files: Plan, arguments: argparse.Namespace, redactor: TextRedactor, save: Callable[[], None]) -> None:
    """Do the jobs of `files`, and `save` the way back before they appear; names with personal data are told."""
    from serving.redaction.documents.files import redacting

    def redact(job: Job, columns: Columns) -> AbstractContextManager[int]:
        return redacting(job.source, job.target, columns, redactor)

    run_jobs(files, arguments, redact, save)
    for target, types in _personal_names(files.jobs, redactor.find):
        warn(f"{target}: the name itself holds {', '.join(types)} and is not redacted")


def _personal_names(jobs: Iterable[Job], find: Find) -> Iterator[tuple[Path, list[str]]]:
    """The targets whose names have entities, and their types."""
    parts = {job: [_readable(part) for part in (*job.name.parent.parts, job.name.stem)] for job in jobs}
    names = list(dict.fromkeys(part for job in parts for part in parts[job]))
    types = {name: {entity.type for entity in found.entities} for name, found in zip(names, find(names), strict=True)}
    for job in parts:
        if kinds := set[str]().union(*(types[part] for part in parts[job])):
            yield job.target, sorted(kinds)


def _readable(name: str) -> str:
    """A part of a path as a text: what is not UTF-8 in it becomes a replacement character."""
    return os.fsencode(name).decode(errors="replace")


def _session(arguments: argparse.Namespace, own_types: Iterable[EntityType]) -> RedactionSession:
    """The session that the arguments describe; it goes on with the token's file where that exists."""
    from schemas.per_type import PerType
    from serving.redaction import RedactionSession, hash_key

    keys, file = keys_from_environment(), arguments.token
    secret, cipher = hash_key(keys[0]) if keys else b"", environment_cipher() if file else None
    operators = PerType.of(arguments.style, "pseudonym", [*ALL_TYPES, *sorted(own_types)])
    with naming_the_key():
        session = RedactionSession(
            operators,
            keep=arguments.keep,
            hash_key=secret,
            cipher=cipher,
            reversible=file is not None,
            one_way=file is None,
        )
    if file and file.exists():
        session.resume(read_token_file(file))
    session.replacement_map.know(own_types)  # or what reads like a stand-in of one would turn into one later
    return session
