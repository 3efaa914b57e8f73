"""`pii-sft restore`: the values back in the place of their stand-ins."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.document_run import add_documents, plan_run, run_jobs
from pii_sft.cli.shared.input import BOM, add_input, ending_of, print_exactly, read_input, read_pieces
from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.tokens import environment_cipher, naming_the_key, read_token_file
from pii_sft.keys import VARIABLE
from schemas.errors import DataError

if TYPE_CHECKING:
    from serving.redaction.documents.columns import Columns
    from serving.redaction.documents.plan import Job
    from serving.redaction.documents.text_restorer import TextRestorer
    from serving.redaction.replacement_map import ReplacementMap


def add_parser(commands: Commands) -> None:
    """Add the command `restore`."""
    parser = commands.add_parser("restore", help="put the values back into a redacted text, file or folder")
    add_input(parser)
    help_json = "the input is JSON, as files .json are: values are escaped for where they stand"
    parser.add_argument("--json", action="store_true", help=help_json)
    help_token = f"file that redact wrote; needs ${VARIABLE}"
    parser.add_argument("--token", type=Path, required=True, metavar="FILE", help=help_token)
    add_documents(parser, "restore", "all")
    parser.set_defaults(run=_restore)


def _restore(arguments: argparse.Namespace) -> None:
    from serving.redaction import read_token
    from serving.redaction.documents.endings import PARQUET

    if ending_of(arguments.input) == PARQUET and not arguments.out:
        raise DataError(f"{arguments.input}: Parquet is restored with --out")
    files = plan_run(arguments, None, arguments.token)
    with naming_the_key():
        replacement_map = read_token(environment_cipher(), read_token_file(arguments.token))
    if files.jobs:
        from serving.redaction.documents.restoring import restoring
        from serving.redaction.documents.text_restorer import TextRestorer

        restorer = TextRestorer(replacement_map)

        def restore(job: Job, columns: Columns) -> AbstractContextManager[int]:
            return restoring(job.source, job.target, columns, restorer)

        run_jobs(files, arguments, restore)
        unrestored = restorer.unrestored
    else:
        unrestored = _print_restored(arguments, replacement_map)
    if unrestored:
        print(f"stand-ins without a value, not restored: {unrestored}", file=sys.stderr)


def _print_restored(arguments: argparse.Namespace, replacement_map: ReplacementMap) -> int:
    """Print the restored input; returns how much of it read like a stand-in but has no value."""
    from serving.redaction import Restorer
    from serving.redaction.documents.endings import JSON, JSON_LINES, TEXT_TABLES
    from serving.redaction.documents.text_restorer import TextRestorer

    ending = ending_of(arguments.input)
    if arguments.json or ending in (JSON, *TEXT_TABLES):
        restorer = TextRestorer(replacement_map)
        text = read_input(arguments.input)
        bom = BOM if text.startswith(BOM) else ""
        kind = JSON if arguments.json and ending not in JSON_LINES else ending
        print_exactly(bom + _restored(text.removeprefix(BOM), arguments.input, kind, restorer))
        return restorer.unrestored
    stream = Restorer(replacement_map)
    for piece in read_pieces(arguments.input):
        sys.stdout.buffer.write(stream.feed(piece).encode())
        sys.stdout.buffer.flush()
    print_exactly(stream.close())
    return stream.unrestored


def _restored(text: str, name: str, ending: str, restorer: TextRestorer) -> str:
    from serving.redaction.documents.endings import JSON
    from serving.redaction.documents.restoring import newline_of, restored_records

    if ending == JSON:
        return restorer.json(text)
    return "".join(restored_records(StringIO(text, newline=newline_of(ending)), name, ending, restorer))
