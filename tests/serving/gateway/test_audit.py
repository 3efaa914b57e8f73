"""The audit: a chain of lines that shows what was changed."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.errors import DataError
from serving.gateway.audit import Audit, AuditError, verify_audit


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines(keepends=True)


def test_changes_are_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = Audit(path)
    for number in range(3):
        audit.write({"event": "request", "number": number})
    whole = lines_of(path)
    assert verify_audit(path) == 4
    for broken, says in (
        ([whole[0], whole[1].replace('"number":0', '"number":9'), *whole[2:]], r":2: the line was changed"),
        ([whole[0], *whole[2:]], r":2: a line before this one was changed or is missing"),
        ([*whole[:3], whole[3].rstrip("\n")], "its last line is cut off"),
        ([whole[0], "x\n"], ":2: not a line of an audit"),
    ):
        path.write_text("".join(broken), encoding="utf-8")
        with pytest.raises(DataError, match=says):
            verify_audit(path)


def test_lines_that_are_missing_at_the_beginning_are_found(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    Audit(path).write({"event": "request"})
    path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[1:]), encoding="utf-8")
    with pytest.raises(DataError, match=r":1: a line before this one"):
        verify_audit(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="contains no line"):
        verify_audit(path)


def test_full_files_are_put_aside_and_the_chain_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = Audit(path, size=1000)
    for number in range(30):
        audit.write({"number": number})
    aside = sorted(tmp_path.glob("audit.jsonl.[0-9]*"))
    assert len(aside) > 2 and all(file.stat().st_size <= 1000 for file in aside)
    assert verify_audit(path) == 31
    aside[1].unlink()
    with pytest.raises(DataError, match="is missing"):
        verify_audit(path)


def test_several_writers_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audits = [Audit(path) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: audits[number % 4].write({"number": number}), range(100)))
    assert verify_audit(path) == 104


def test_what_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="cannot be written"):
        Audit(tmp_path / "none" / "audit.jsonl")
    path = tmp_path / "audit.jsonl"
    audit = Audit(path)
    path.write_text(json.dumps({"no": "chain"}) + "\n", encoding="utf-8")
    with pytest.raises(AuditError, match="not one of an audit"):
        audit.write({})
