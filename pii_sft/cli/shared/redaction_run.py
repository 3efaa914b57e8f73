"""`pii-sft redact` over files: what is redacted into what, and what is told of a run."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.input import existing, shown
from schemas.errors import DataError, ModelError

if TYPE_CHECKING:
    from schemas.engine import Find
    from serving.redaction.documents.plan import Job, Plan
    from serving.redaction.documents.text_redactor import TextRedactor

_SAVE_SECONDS = 1.0
"""How often a run over files saves its token."""


def plan_run(arguments: argparse.Namespace) -> Plan:
    """The jobs of the command, none without `--out`; what they leave out is told on stderr.

    Raises DataError when there is nothing to redact, and when an output cannot be written or would replace a file that
    is read or another output, ModelError for columns without `--out`.
    """
    from serving.redaction.documents.plan import Plan

    source, out, token = existing(arguments.input), arguments.out, arguments.token
    if out is None and (arguments.column or arguments.optional_column):
        raise ModelError("--column needs --out: it works on files only")
    if out is not None and source is None:
        raise DataError(f"{shown(arguments.input)}: no such file or folder; --out writes files and folders only")
    files = Plan(()) if out is None or source is None else _plan_files(source, out)
    outputs = [] if token is None else [_output(token)]
    others = [source, arguments.custom_rules, out if source is not None and source.is_dir() else None]
    files.check(outputs, filter(None, others))
    for path in outputs:
        path.parent.mkdir(parents=True, exist_ok=True)
    return files


def _plan_files(source: Path, out: Path) -> Plan:
    from serving.redaction.documents.plan import plan

    files = plan(source, out)
    for path, reason in files.left_out:
        _warn(f"{path}: left out: {reason}")
    if not files.jobs:
        raise DataError(f"{source}: contains no file that can be redacted")
    return files


def _output(path: Path) -> Path:
    if path.is_dir():
        raise DataError(f"{path}: is a folder; name a file")
    return path


def redact_files(
    jobs: Sequence[Job], arguments: argparse.Namespace, redactor: TextRedactor, save: Callable[[], None]
) -> None:
    """Run `jobs`; what was written, and names of files that hold personal data, are told on stderr.

    `save` keeps the way back of what was written, now and then, and also when a later file is an error.

    Raises what `redact_file` raises, and DataError for an optional column that no table had.
    """
    from serving.redaction.documents.columns import Columns
    from serving.redaction.documents.files import redact_file

    columns = Columns(arguments.column, arguments.optional_column)
    written, saved = 0, time.monotonic()
    try:
        for job in jobs:
            count = redact_file(job.source, job.target, columns, redactor)
            written += 1
            if time.monotonic() - saved > _SAVE_SECONDS:
                save()
                saved = time.monotonic()
            print(f"{job.target}: {count} records", file=sys.stderr)
        for target, types in _personal_names(jobs, redactor.find):
            _warn(f"{target}: the name itself holds {', '.join(types)} and is not redacted")
        columns.check_found()
    except BaseException:
        if written:
            _warn(f"the command ended early; files that were written before: {written} of {len(jobs)}")
        raise
    finally:
        if written:
            save()


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


def _warn(sentence: str) -> None:
    print(f"pii-sft: warning: {sentence}", file=sys.stderr)
