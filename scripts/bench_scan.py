"""How fast `pii-sft scan` is: rows a second with one worker and more, on growing files, and beside a plain loop.

    python scripts/bench_scan.py [--rows 10000 --rows 100000] [--detector rules] [--workers 1 --workers 2] [--ray 2]

The rows are made up: JSON Lines of which one in two has personal data. Every run is a process of its own, also the
plain loop over `Detector`. Prints a table, and one JSON line last: seconds, CPU seconds and the peak memory of the
largest process of each run, how much dearer a row is in the largest file than in the smallest, and whether all
findings are equal.
"""

import argparse
import hashlib
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from random import Random

from pii_sft.cli.shared.table import print_table

_SURNAMES, _GIVEN = "王李张刘陈杨赵黄周吴", "娜磊婷雯昊妍骏钰铭晗"
_SENTENCES = (
    "客户{name}反映，周三下单的净水器还没有安装，他的手机号是{phone}，白天打不通就晚上再打。",
    "请把发票发到{mail}，抬头写公司全称，金额按合同的第三条计算。",
    "今天天气不错，下午三点在二楼会议室讨论下个季度的采购计划，请提前准备材料。",
    "订单已经从仓库发出，预计三天后送到，请注意查收并当面检查外包装是否完好。",
)
_LOOP = """
import json, sys
from pii_sft import Detector
detector, batch = Detector.load(sys.argv[2]), []
for line in open(sys.argv[1], encoding="utf-8"):
    batch.append(json.loads(line)["text"])
    if len(batch) == 256:
        detector.detect_batch(batch)
        batch = []
detector.detect_batch(batch)
"""


def write_rows(path: Path, rows: int) -> None:
    """Write made-up rows, the same for the same number."""
    random = Random(rows)
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            name = random.choice(_SURNAMES) + random.choice(_GIVEN) + random.choice(_GIVEN)
            phone, mail = f"13{random.randrange(10**9):09}", f"user{random.randrange(10**6)}@example.com"
            text = _SENTENCES[number % len(_SENTENCES)].format(name=name, phone=phone, mail=mail)
            file.write(json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n")


def measured(command: list[str]) -> tuple[float, float, float]:
    """Seconds and CPU seconds that `command` takes, and the peak memory in MB of its largest process."""
    start, before, peak = time.perf_counter(), cpu_seconds(), 0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            peak = max([peak, *map(peak_memory, family(process.pid))])
            time.sleep(0.1)
        errors = process.stderr.read() if process.stderr else ""
    if process.returncode:
        sys.exit(f"{' '.join(command[:4])} ended with {process.returncode}: {errors}")
    return time.perf_counter() - start, cpu_seconds() - before, peak / 1024


def cpu_seconds() -> float:
    """CPU seconds of all processes that this one started and that ended, but for Ray's, which it does not start."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def family(pid: int) -> Iterator[int]:
    """The process and all below it."""
    yield pid
    try:
        children = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]  # of each thread
    except OSError:
        return
    for child in chain.from_iterable(children):
        yield from family(int(child))


def peak_memory(pid: int) -> int:
    """The most kilobytes that a process of this program has had at once; other programs of Ray count as 0."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    lines = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    return 0 if lines["Name"].strip() in ("raylet", "gcs_server") else int(lines.get("VmHWM", "0 kB").split()[0])


def runs(arguments: argparse.Namespace) -> dict[str, list[str]]:
    """The commands by name; INPUT and OUT stand for paths."""
    scan = [sys.executable, "-m", "pii_sft", "scan", "INPUT", "--column", "text", "--out", "OUT"]
    scan += ["--detector", arguments.detector]
    commands = {"plain loop": [sys.executable, "-c", _LOOP, "INPUT", arguments.detector]}
    commands |= {f"local, {count}": [*scan, "--workers", str(count)] for count in arguments.workers}
    return commands | {f"ray, {n}": [*scan, "--engine", "ray", "--workers", str(n)] for n in arguments.ray}


def main() -> None:
    """Measure, and print what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, action="append")
    parser.add_argument("--workers", type=int, action="append")
    parser.add_argument("--ray", type=int, action="append", default=[], help="workers on Ray")
    parser.add_argument("--detector", default="rules")
    arguments = parser.parse_args()
    arguments.workers = arguments.workers or [1, 2]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in sorted(arguments.rows or [10_000, 100_000]):
            source = Path(folder) / f"{rows}.jsonl"
            write_rows(source, rows)
            for name, command in runs(arguments).items():
                out = Path(folder) / f"{rows} {name}"
                seconds, cpu, peak = measured(
                    [{"INPUT": str(source), "OUT": str(out)}.get(word, word) for word in command]
                )
                found = out / "findings.parquet"
                digest = hashlib.sha256(found.read_bytes()).hexdigest()[:16] if found.exists() else ""
                results.append(
                    {"rows": rows, "run": name, "seconds": seconds, "cpu": cpu, "peak_mb": peak, "findings": digest}
                )
    report(results)


def report(results: list[dict[str, object]]) -> None:
    """Print the table and the JSON line."""
    rows = [
        [
            f"{one['rows']:,}",
            one["run"],
            f"{one['seconds']:.1f}",
            f"{one['cpu']:.1f}",
            f"{_rate(one):,.0f}",
            f"{one['peak_mb']:.0f}",
        ]
        for one in results
    ]
    print_table(("rows", "run", "seconds", "CPU s", "rows/s", "peak MB"), [[str(cell) for cell in row] for row in rows])
    growth = {}
    for name in dict.fromkeys(str(one["run"]) for one in results):
        of_run = [one for one in results if one["run"] == name]
        growth[name] = round(_rate(of_run[0]) / _rate(of_run[-1]), 3)
    digests: dict[object, set[object]] = {}
    for one in results:
        digests.setdefault(one["rows"], set()).update({one["findings"]} - {""})
    same = all(len(found) == 1 for found in digests.values())
    print(json.dumps({"runs": results, "cost_of_a_row_largest_to_smallest": growth, "same_findings": same}))


def _rate(one: dict[str, object]) -> float:
    return float(str(one["rows"])) / float(str(one["seconds"]))


if __name__ == "__main__":
    main()
