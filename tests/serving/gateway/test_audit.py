"""The audit: a chain of lines that shows what was changed."""

import contextlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.errors import DataError
from schemas.taxonomy import EntityType
from serving.gateway.audit import Audit, AuditError, verify_audit
from serving.gateway.masking import Masker
from serving.gateway.settings import Policy
from tests.serving.gateway.gateways import gateway
from tests.serving.gateway.test_edges import PHONE, anyio_backend, chat  # noqa: F401 - a fixture


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


@pytest.mark.anyio
async def test_the_audit_says_what_was_refused(tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    policy = Policy(blocked=frozenset({EntityType.PHONE_NUMBER}))
    async with gateway(audit=audit, policy=policy) as target:
        for number in (PHONE, PHONE + "。"):
            await target.post("/chat/completions", chat(f"张三丰打给{number}") | {"model": "gpt"})
    first, second = [json.loads(line) for line in audit.read_text(encoding="utf-8").splitlines()][1:]
    assert (first["model"], first["decision"]) == ("gpt", "refused 403")
    assert first["counts"] == {"PERSON_NAME": 1, "PHONE_NUMBER": 1} and first["digest"] != second["digest"]


@pytest.mark.anyio
async def test_the_audit_says_what_was_done_and_holds_no_value(tmp_path: Path) -> None:
    audit = tmp_path / "audit.jsonl"
    async with gateway(audit=audit) as target:
        await target.post("/chat/completions", chat("你好") | {"model": "a.b@example.com"})
        await target.post("/chat/completions", chat("你好") | {"model": "张三丰"})
        await target.post("/chat/completions?foo=1", chat("你好"))
    lines = [json.loads(line) for line in audit.read_text(encoding="utf-8").splitlines()]
    assert [(line.get("model"), line.get("decision")) for line in lines[1:]] == [
        ("other", "refused 422"),
        ("other", "sent"),
    ]


@pytest.mark.anyio
async def test_the_audit_says_what_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit = tmp_path / "audit.jsonl"

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Masker, "mask", fail)
    async with gateway(audit=audit) as target:
        with contextlib.suppress(RuntimeError):
            assert (await target.post("/chat/completions", chat("你好"))).status_code == 500
        assert not target.upstream.bodies
    assert [json.loads(line).get("decision") for line in audit.read_text(encoding="utf-8").splitlines()][1:] == [
        "failed 500"
    ]
