import argparse
import importlib.util
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

import pii_sft
from pii_sft.cli import main
from pii_sft.cli.scan import Finder
from pii_sft.registry import parse_spec
from tests.serving.scan.cases import contents, findings, quarantined, write_files
from tests.serving.scan.databases.cases import write_shop

Capture = pytest.CaptureFixture[str]
ROOT = Path(pii_sft.__file__).parent.parent
PHONE = "13800138000"
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
from pii_sft.cli import main
from pii_sft.cli.scan import Finder
from pii_sft.registry import parse_spec
sys.exit(main(sys.argv[2:]))
"""
"""The command where no file may grow beyond so many bytes, as on a full disk."""


def scan(*arguments: object) -> int:
    return main(["scan", *map(str, arguments), "--detector", "rules"])


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pii_sft", "scan", *map(str, arguments), "--detector", "rules"]


def test_a_scan_tells_what_it_found_and_nothing_of_the_texts(capsys: Capture, tmp_path: Path) -> None:
    source = write_files(tmp_path / "in")
    (source / "bad.jsonl").write_text(f'{{"a": "{PHONE}"}}\n{{bad {PHONE}\n', encoding="utf-8")
    (source / "picture.png").write_bytes(b"x")
    assert scan(source, "--out", tmp_path / "out", "--redact", "label") == 1
    told = capsys.readouterr()
    assert told.out == "" and PHONE not in told.err and "bad " not in told.err
    for sentence in (
        "no --column was named: all columns that hold texts are read",
        "e.parquet: columns that hold no texts are not read: id",
        "picture.png: left out: not a kind of file that can be scanned",
        "6 of 6 parts, 15 rows, ",
        "9 values in 9 of 15 rows",
        "not read: 1 rows; see ",
    ):
        assert sentence in told.err, told.err
    files = contents(tmp_path / "out")
    assert not any(PHONE.encode() in content for name, content in files.items())
    assert scan(source, "--out", tmp_path / "out", "--redact", "label") == 1
    assert "this scan is finished; nothing was done" in capsys.readouterr().err
    assert contents(tmp_path / "out") == files
    assert scan(source, "--out", tmp_path / "out", "--redact", "mask") == 2
    assert "holds a scan with another redact" in capsys.readouterr().err


def test_types_scores_and_custom_rules_count(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text(f"电话{PHONE}，邮箱zhang@example.com，凤凰计划")
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"deny": [{"type": "项目代号", "value": "凤凰计划"}]}), encoding="utf-8")
    assert scan(source, "--out", tmp_path / "one", "--types", "EMAIL", "--custom-rules", rules) == 0
    assert [found[3] for found in findings(tmp_path / "one")] == ["EMAIL", "项目代号"]
    assert "项目代号" in (tmp_path / "one" / "map.html").read_text(encoding="utf-8")
    assert scan(source, "--out", tmp_path / "two", "--min-score", "PHONE_NUMBER=1") == 0
    assert [found[3] for found in findings(tmp_path / "two")] == ["EMAIL"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["none.csv"], "none.csv: no such file or folder"),
        (["in", "--redact", "hash"], "the operator hash needs a key in $PII_SFT_KEY"),
        (["in", "--redact", "label", "--sample", "3"], "--sample works without --redact"),
        (["in", "--table", "orders"], "--table names tables of databases, and no source is one"),
        (["sqlite:///in/none.db"], "in/none.db: no such file"),
        (["in", "--gpus", "1"], "--gpus works with --engine ray only"),
        (["in", "--custom-rules", "none.json"], "none.json: No such file or directory"),
    ],
)
def test_what_cannot_be_scanned_is_an_error(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PII_SFT_KEY", raising=False)
    write_files(tmp_path / "in")
    assert scan(*arguments, "--out", "out") == 2
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_column_is_told_by_file(capsys: Capture, tmp_path: Path) -> None:
    assert scan(write_files(tmp_path / "in"), "--column", "id", "--out", tmp_path / "out") == 1
    assert [line["reason"] for line in quarantined(tmp_path / "out")] == [
        "no record has the column id",
        "has no column id",
    ]
    assert "not read: 2 files" in capsys.readouterr().err


def test_tables_of_a_database_are_scanned(capsys: Capture, tmp_path: Path) -> None:
    url, out = write_shop(tmp_path / "shop.db"), tmp_path / "out"
    assert scan(url, "--table", "customers", "--table", "orders", "--column", "note", "--out", out) == 0
    assert "15 values in 15 of 15 rows" in capsys.readouterr().err
    assert {found[0] for found in findings(out)} == {"customers", "orders"}
    assert scan(url, "--table", "customers", "--out", out) == 2
    assert "holds a scan with another table, column" in capsys.readouterr().err
    assert scan(url, "--out", tmp_path / "all") == 0
    told = capsys.readouterr().err
    assert f"{url}#adults: left out: a view" in told
    assert "customers: columns that hold no texts are not read: id, age" in told
    assert scan("postgresql+psycopg://u:s3cret@localhost:1/shop", "--out", tmp_path / "none") == 2
    told = capsys.readouterr().err
    assert "postgresql+psycopg://…@localhost:1/shop: " in told and "s3cret" not in told and "Traceback" not in told


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    rows = [f"电话{13800138000 + number}，{'无' * (number % 50)}" for number in range(1200)]
    parquet.write_table(pyarrow.table({"text": rows}), tmp_path / "a.parquet", row_group_size=400)
    arguments = ["scan", str(tmp_path / "a.parquet"), "--redact", "mask", "--detector", "rules", "--out"]
    assert main([*arguments, str(tmp_path / "whole")]) == 0
    largest = max(map(len, contents(tmp_path / "whole").values()))
    for limit in (2000, largest - 1):  # in a part, and where the parts are put together
        out = tmp_path / str(limit)
        limited = [sys.executable, "-c", LIMITED, str(limit), *arguments, str(out)]
        ended = subprocess.run(limited, capture_output=True, text=True, cwd=ROOT)
        assert ended.returncode == 2 and "File too large" in ended.stderr and "Traceback" not in ended.stderr
        assert f"{out}/" in ended.stderr and "1380" not in ended.stderr
        assert not list(out.rglob("*.tmp")) and not (out / "findings.parquet").exists()
        assert main([*arguments, str(out)]) == 0
        assert contents(out) == contents(tmp_path / "whole")


def test_workers_that_are_killed_with_their_command_leave_a_scan_that_goes_on(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(24):
        (source / f"{number:02}.txt").write_text(f"第{number}行，电话{13800138000 + number}\n" * 80, encoding="utf-8")
    assert scan(source, "--out", tmp_path / "one", "--redact", "label") == 0
    arguments = command(source, "--out", tmp_path / "two", "--redact", "label", "--workers", 2)
    with subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL) as running:
        while len(list((tmp_path / "two" / ".parts").glob("*.json"))) < 3 and running.poll() is None:
            time.sleep(0.02)
        os.kill(running.pid, signal.SIGKILL)
    assert not (tmp_path / "two" / "map.json").exists()
    assert main(arguments[3:]) == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="ray is not installed: pip install '.[scale]'")
def test_ray_writes_the_same_bytes(tmp_path: Path) -> None:
    sources = write_files(tmp_path / "in"), write_shop(tmp_path / "shop.db")
    assert scan(*sources, "--out", tmp_path / "one", "--redact", "label") == 0
    arguments = command(*sources, "--out", tmp_path / "two", "--redact", "label", "--engine", "ray")
    ended = subprocess.run(arguments, capture_output=True, text=True, cwd=ROOT, timeout=300)
    assert ended.returncode == 0, ended.stderr
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_workers_search_by_the_rules_that_the_scan_began_with(tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text(json.dumps({"deny": [{"type": "项目代号", "value": "凤凰计划"}]}), encoding="utf-8")
    arguments = argparse.Namespace(custom_rules=rules, types=None, min_score=0)
    finder = Finder(parse_spec("rules"), arguments, None)
    rules.write_text("{}", encoding="utf-8")
    assert pickle.loads(pickle.dumps(finder))(["凤凰计划"])[0].entities
