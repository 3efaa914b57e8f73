"""`pii-sft bench`: latency, throughput, memory, start-up time and size of the model."""

import argparse
import subprocess
import sys
import time
from pathlib import Path

from pii_sft.cli.parser import Commands, add_model, load_detector

_STARTS = 5


def add_parser(commands: Commands) -> None:
    """Add the command `bench`."""
    parser = commands.add_parser("bench", help="measure latency, throughput, memory and start-up")
    add_model(parser)
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from eval.bench import run_benchmark
    from serving.tagger import EMBEDDED

    print(f"pii-sft --help: {min(_help_seconds() for _ in range(_STARTS)):.2f} s (best of {_STARTS})")
    if arguments.engine == "tagger":
        size = (Path(arguments.model or EMBEDDED) / "model.onnx").stat().st_size
        print(f"model file: {size / 1e6:.1f} MB")
    start = time.perf_counter()
    detector = load_detector(arguments)
    print(f"time to load: {time.perf_counter() - start:.2f} s")
    run_benchmark(detector.engine)


def _help_seconds() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pii_sft", "--help"], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start
