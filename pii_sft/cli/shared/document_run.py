"""Commands over files: what is redacted or restored into what, and what is told of a run."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.input import existing, shown
from pii_sft.cli.shared.parser import Parser
from schemas.errors import DataError, ModelError

if TYPE_CHECKING:
    from serving.redaction.documents.columns import Columns
    from serving.redaction.documents.plan import Job, Plan

Rewriting = Callable[["Job", "Columns"], AbstractContextManager[int]]
"""Does a job, with these columns of tables; its target appears when the context ends. Gives the number of records."""
_TOGETHER_SECONDS = 1.0
"""How long files wait for one another, so that what is saved before they appear is not saved for each."""


def add_documents(parser: Parser, verb: str, default: str = "") -> None:
    """Add the options of a command that can `verb` files; `default` says which columns it takes where none is named."""
    help_out = f"{verb} a file or folder into this one; reads .txt .md .log .json .jsonl .ndjson .csv .tsv .parquet"
    parser.add_argument("--out", type=Path, metavar="PATH", help=help_out)
    help_column = f"column of every table to {verb}, or path in JSON Lines (messages[*].content); can be repeated"
    help_column += f" (default: {default})" if default else ""
    parser.add_argument("--column", action="append", default=[], metavar="NAME", help=help_column)
    help_optional = "the same for a column or field that some tables or records lack; can be repeated"
    parser.add_argument("--optional-column", action="append", default=[], metavar="NAME", help=help_optional)


def plan_run(arguments: argparse.Namespace, output: Path | None, other: Path | None) -> Plan:
    """The jobs of the command, none without `--out`; what they leave out is told on stderr.

    `output` is a file that the command writes beside them, `other` one that it reads. Raises DataError when there is
    nothing to do, and when an output cannot be written or would replace a file that is read or another output,
    ModelError for columns without `--out`, and for `--json` with it.
    """
    from serving.redaction.documents.plan import Plan

    source, out = existing(arguments.input), arguments.out
    if out is not None and arguments.json:
        raise ModelError("--json is for a text, a file or stdin that is printed; with --out the ending .json says it")
    if out is None and (arguments.column or arguments.optional_column):
        raise ModelError("--column needs --out: it works on files only")
    if out is not None and source is None:
        raise DataError(f"{shown(arguments.input)}: no such file or folder; --out writes files and folders only")
    files = Plan(()) if out is None or source is None else _plan_files(source, out)
    outputs = [] if output is None else [_output(output)]
    files.check(outputs, filter(None, [source, other, out if source is not None and source.is_dir() else None]))
    for path in outputs:
        path.parent.mkdir(parents=True, exist_ok=True)
    return files


def _plan_files(source: Path, out: Path) -> Plan:
    from serving.redaction.documents.plan import plan

    files = plan(source, out)
    for path, reason in files.left_out:
        warn(f"{path}: left out: {reason}")
    if not files.jobs:
        raise DataError(f"{source}: contains no file that can be read")
    return files


def _output(path: Path) -> Path:
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a file")
    return path


def run_jobs(
    files: Plan, arguments: argparse.Namespace, rewriting: Rewriting, save: Callable[[], None] = lambda: None
) -> None:
    """Do the jobs of `files`; what was written is told on stderr. Whenever files appear, `save` was called before.

    Raises what `rewriting` raises, and DataError for an optional column that no table had.
    """
    from serving.redaction.documents.columns import Columns

    columns, written = Columns(arguments.column, arguments.optional_column), _Written(save)
    try:
        try:
            for job in files.jobs:
                columns.begin_file()
                written.add(job, rewriting(job, columns))
                if not columns.in_file:
                    warn(f"{job.source}: has none of the columns; it is copied as it is")
        finally:
            written.let_appear()
        columns.check_found()
    except BaseException:
        if written.count:
            warn(f"the command ended early; files that were written before: {written.count} of {len(files.jobs)}")
        raise


class _Written:
    """Files that are written and wait to appear, and how many have."""

    def __init__(self, save: Callable[[], None]) -> None:
        self.count = 0
        self._save, self._waiting, self._since = save, ExitStack(), time.monotonic()
        self._lines: list[str] = []

    def add(self, job: Job, rewriting: AbstractContextManager[int]) -> None:
        """Do a job, and let it appear with those that wait, if they have waited long enough."""
        with ExitStack() as own:
            records = own.enter_context(rewriting)
            self._waiting.push(own.pop_all())
        self._lines.append(f"{job.target}: {records:,} record{'' if records == 1 else 's'}")
        if time.monotonic() - self._since > _TOGETHER_SECONDS:
            self.let_appear()

    def let_appear(self) -> None:
        """Save, and let all that wait appear; where that fails, none of them does."""
        if self._lines:
            with self._waiting:
                self._save()
            print(*self._lines, sep="\n", file=sys.stderr)
            self.count += len(self._lines)
        self._waiting, self._since, self._lines = ExitStack(), time.monotonic(), []


def warn(sentence: str) -> None:
    """Tell something on stderr that is no error."""
    print(f"pii-sft: warning: {sentence}", file=sys.stderr)
