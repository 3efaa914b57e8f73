"""Files that are scanned in tests, and a scan of them."""

import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow
from pyarrow import parquet

from schemas.engine import Detect
from serving.engines.rules.engine import RulesEngine
from serving.scan.runners.local import InProcess
from serving.scan.runners.runner import Runner
from serving.scan.scan import Outcome, Tell, scan
from serving.scan.settings import ScanSettings
from tests.finding import behind_names

PHONE, EMAIL, CARD = "13800138000", "zhang@example.com", "11010519491231002X"
SMALL = 64
"""Bytes of a part, so that small files have several."""
_KILLED = """
import os, signal, sys
from pathlib import Path
from tests.serving.scan.cases import scanned

renames = 0

def watch(event, arguments):
    global renames
    renames += event == "os.rename"
    if event == "os.rename" and renames == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
scanned([sys.argv[1]], Path(sys.argv[2]), operator="label")
"""
"""A scan that is killed before a file of it takes its place."""


def write_files(folder: Path) -> Path:
    """Write a file of each format into `folder`, with values in known places, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [(1, f"电话{PHONE}"), (2, "无"), (3, f'他说"{EMAIL}"\n再见'), (4, "")]
    table = ["id,text\r\n", *(f'{number},"{text.replace(chr(34), chr(34) * 2)}"\r\n' for number, text in rows)]
    (folder / "a.csv").write_text("\ufeff" + "".join(table), encoding="utf-8", newline="")
    records = [{"m": [{"c": f"打{PHONE}"}, {"c": "好"}]}, {"m": []}, {"m": [{"c": f"身份证{CARD}"}], "n": 7}]
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    (folder / "b.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "c").mkdir(exist_ok=True)
    (folder / "c" / "d.log").write_text(f"开始\n写{EMAIL}，谢谢你\n\n打{PHONE}", encoding="utf-8")
    schema = pyarrow.schema({"id": pyarrow.int32(), "text": pyarrow.large_string()}, metadata={"made": "by hand"})
    columns = [[1, 2, 3], [f"电话{PHONE}", None, f"身份证{CARD}"]]
    written = pyarrow.Table.from_arrays(
        [pyarrow.array(*pair) for pair in zip(columns, schema.types, strict=True)], schema=schema
    )
    parquet.write_table(written, folder / "e.parquet", row_group_size=2)
    return folder


def scanned(
    sources: Sequence[Path | str],
    out: Path,
    detect: Detect | None = None,
    runner: Runner | None = None,
    tell: Tell = lambda _: None,
    **settings: Any,
) -> Outcome:
    """A scan of `sources` with the rules, in small parts."""
    asked = ScanSettings(**{"part_bytes": SMALL, **settings})
    names = [str(one) for one in sources]
    return scan(names, out, asked, behind_names(detect or RulesEngine().detect), runner or InProcess(), tell)


def scan_and_kill(source: Path | str, out: Path, renames: int) -> None:
    """A scan of `source` that is killed before its file number `renames` takes its place."""
    command = [sys.executable, "-c", _KILLED, str(source), str(out), str(renames)]
    ended = subprocess.run(command, capture_output=True, cwd=Path(__file__).parents[3])
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def findings(out: Path) -> list[tuple[Any, ...]]:
    """The findings without scores and sources."""
    rows = parquet.ParquetFile(out / "findings.parquet").read().to_pylist()
    return [tuple(row[name] for name in ("file", "row", "column", "type", "start", "end")) for row in rows]


def quarantined(out: Path) -> list[dict[str, Any]]:
    """The lines of the quarantine."""
    return [json.loads(line) for line in (out / "quarantine.jsonl").read_text(encoding="utf-8").splitlines()]


def contents(out: Path) -> dict[str, bytes]:
    """Every file below `out`, by name."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
