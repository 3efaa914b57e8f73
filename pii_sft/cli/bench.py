"""`pii-sft bench`: latency, throughput, memory, start-up time and size of a model; the ratio of two detectors."""

import argparse
import subprocess
import sys
import time

from pii_sft.cli.shared.engine_options import add_detectors
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import Commands

_STARTS = 5


def add_parser(commands: Commands) -> None:
    """Add the command `bench`."""
    parser = commands.add_parser(
        "bench", help="measure latency, throughput, memory and start-up; compare two detectors"
    )
    add_detectors(parser)
    help_rounds = "how many turns two detectors take (default: 20)"
    parser.add_argument("--rounds", type=bounded(int, 1), default=20, metavar="N", help=help_rounds)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from eval.speed.bench import run_benchmark, run_ratio
    from pii_sft.systems import load_system
    from serving.engines.tagger.engine import EMBEDDED

    systems = []
    for spec in arguments.detector:
        start = time.perf_counter()
        systems.append(load_system(spec))
        print(f"{spec}: {systems[-1].description}, loaded in {time.perf_counter() - start:.2f} s", flush=True)
    if len(systems) > 1:
        for other in systems[1:]:
            run_ratio(systems[0], other, arguments.rounds)
        return
    print(f"pii-sft --help: {min(_help_seconds() for _ in range(_STARTS)):.2f} s (best of {_STARTS})")
    if arguments.detector == ["tagger"]:
        files = [*EMBEDDED.glob("*.onnx"), *EMBEDDED.glob("*.bin")]
        print(f"model files: {sum(file.stat().st_size for file in files) / 1e6:.1f} MB")
    run_benchmark(systems[0])


def _help_seconds() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pii_sft", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
