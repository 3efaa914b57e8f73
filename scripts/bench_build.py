"""Benchmark of `pii-sft data build`: time and peak memory with an ai4privacy file and with one ten times as long.

    python scripts/bench_build.py --msra FOLDER [--size 50000] [--rows 60000]

Prints a table for people and one JSON line last. The ai4privacy files are generated in the openpii schema. Without
--msra the mix is ai4privacy and synthetic alone.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.data_builders.sources.openpii import write_openpii

CODE = "import sys; from pii_sft.cli import main; sys.exit(main(sys.argv[1:]))"


def run(arguments: list[str]) -> tuple[float, float]:
    """Seconds and peak resident megabytes of one command in a process of its own."""
    start = time.perf_counter()
    process = os.posix_spawn(sys.executable, [sys.executable, "-c", CODE, *arguments], os.environ)
    _, status, usage = os.wait4(process, 0)
    if status:
        sys.exit("the build failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--msra", type=Path)
    parser.add_argument("--size", type=int, default=50_000)
    parser.add_argument("--rows", type=int, default=60_000)
    options = parser.parse_args()
    msra = f"sources.msra.path={options.msra}" if options.msra else "sources.msra.enabled=false"
    results = []
    with TemporaryDirectory() as folder:
        for rows in (options.rows, 10 * options.rows):
            file, out = Path(folder) / "openpii.jsonl", Path(folder) / f"dataset-{rows}"
            write_openpii(file, rows, 1)
            command = ["data", "build", "--out", str(out), f"size={options.size}", msra]
            seconds, megabytes = run([*command, f"sources.ai4privacy.path={file}"])
            results.append({"rows": rows, "seconds": round(seconds, 1), "megabytes": round(megabytes)})
    print(f"{'ai4privacy rows':>15} {'seconds':>8} {'peak MB':>8}")
    for result in results:
        print(f"{result['rows']:>15,} {result['seconds']:>8} {result['megabytes']:>8}")
    ratio = round(results[1]["megabytes"] / results[0]["megabytes"], 2)
    print(json.dumps({"size": options.size, "runs": results, "memory_ratio": ratio}))


if __name__ == "__main__":
    main()
