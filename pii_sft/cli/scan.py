"""`pii-sft scan`: where personal data is in many files and databases, and redacted copies of them."""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.engine_options import VARIABLE as ENGINE_VARIABLE
from pii_sft.cli.shared.engine_options import add_custom_rules, default_engine
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import Commands
from pii_sft.cli.shared.search import add_limits
from pii_sft.keys import VARIABLE, operator_key
from schemas.errors import ModelError
from serving.scan.settings import SCAN_OPERATORS

if TYPE_CHECKING:
    from pii_sft.registry import EngineSpec
    from schemas.engine import Engine
    from schemas.spans.prediction import Prediction
    from serving.scan.runners.runner import Runner
    from serving.scan.scan import Outcome
    from serving.scan.settings import ScanSettings

_QUARANTINED = 1


def add_parser(commands: Commands) -> None:
    """Add the command `scan`."""
    parser = commands.add_parser("scan", help="find personal data in many files or a database, and redact copies")
    help_source = "file (.parquet .jsonl .ndjson .csv .tsv .txt .md .log), folder, glob, URL, or URL of a database"
    parser.add_argument("sources", nargs="+", metavar="SOURCE", help=help_source)
    help_table = "table of a database to read, such as orders or hr.staff; can be repeated (default: all)"
    parser.add_argument("--table", action="append", default=[], metavar="NAME", help=help_table)
    help_column = "column of every file to read, or path in JSON Lines (messages[*].content); can be repeated"
    parser.add_argument("--column", action="append", default=[], metavar="NAME", help=help_column)
    help_out = "folder for the results; a scan that was ended goes on there"
    parser.add_argument("--out", type=Path, required=True, metavar="DEST", help=help_out)
    help_engine = "what runs the workers: processes of this machine, or Ray (default: local)"
    parser.add_argument("--engine", type=_runner_name, default="local", metavar="local|ray", help=help_engine)
    parser.add_argument("--workers", type=bounded(int, 1), default=1, metavar="N", help="workers (default: 1)")
    help_gpus = "GPUs of each worker on Ray (default: 0)"
    parser.add_argument("--gpus", type=bounded(float, 0), default=0.0, metavar="N", help=help_gpus)
    help_detector = f"engine that finds, with its options (default: ${ENGINE_VARIABLE}, else tagger)"
    parser.add_argument("--detector", metavar="SPEC", help=help_detector)
    help_redact = f"write copies with stand-ins, too: {', '.join(SCAN_OPERATORS)}; hash and surrogate need ${VARIABLE}"
    parser.add_argument("--redact", choices=SCAN_OPERATORS, metavar="OPERATOR", help=help_redact)
    parser.add_argument("--values", action="store_true", help="write the values that were found into the findings")
    help_sample = "search at most N rows of each file, spread over it (default: all)"
    parser.add_argument("--sample", type=bounded(int, 1), default=0, metavar="N", help=help_sample)
    add_limits(parser)
    add_custom_rules(parser)
    parser.set_defaults(run=_run)


def _runner_name(name: str) -> str:
    if name not in ("local", "ray"):
        raise argparse.ArgumentTypeError("is local or ray, what runs the workers; --detector names what finds")
    return name


class Finder:
    """Finds values by an engine, which each process loads when it first needs it."""

    def __init__(self, spec: EngineSpec, arguments: argparse.Namespace, engine: Engine | None) -> None:
        """Of `spec`, in this process by `engine`, if it is loaded already."""
        from pii_sft.detector import Detector, compile_custom_rules

        self._spec, self._rules = spec, compile_custom_rules(arguments.custom_rules)
        self._limits = arguments.types, arguments.min_score
        self._detector = None if engine is None else Detector(engine, custom_rules=self._rules)

    def __call__(self, texts: Sequence[str], names: Sequence[str] = ()) -> list[Prediction]:
        """The predictions of `texts`, or of values of fields that have these `names`."""
        if self._detector is None:
            from pii_sft.detector import load_spec

            self._detector = load_spec(self._spec, self._rules)
        return self._detector.detect_batch(texts, *self._limits, names or None)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_detector": None}


def _run(arguments: argparse.Namespace) -> int:
    from pii_sft.registry import parse_spec
    from serving.scan.scan import scan

    if arguments.sample and arguments.redact:
        raise ModelError("--sample works without --redact: a copy of a sample would not be a copy")
    if arguments.gpus and arguments.engine != "ray":
        raise ModelError("--gpus works with --engine ray only")
    spec = parse_spec(arguments.detector or default_engine())
    loaded = spec.load()  # also where others search, so that a model that cannot be used is an error at once
    settings, runner = _settings(arguments, loaded.identity), _runner(arguments)
    is_alone = arguments.engine == "local" and arguments.workers == 1
    finder = Finder(_for_workers(spec, arguments), arguments, loaded.engine if is_alone else None)
    del loaded
    outcome = scan(arguments.sources, arguments.out, settings, finder, runner, _tell)
    return _summary(outcome, arguments.out)


def _settings(arguments: argparse.Namespace, identity: str) -> ScanSettings:
    """The settings; `identity` is that of the engine."""
    from serving.scan.settings import ScanSettings

    rules = arguments.custom_rules
    search = {
        "detector": f"{arguments.detector or default_engine()} ({identity})",
        "types": ", ".join(arguments.types or ()),
        "min-score": str(arguments.min_score),
        "custom-rules": hashlib.sha256(rules.read_bytes()).hexdigest()[:16] if rules else "",
    }
    return ScanSettings(
        tables=tuple(dict.fromkeys(arguments.table)),
        columns=tuple(dict.fromkeys(arguments.column)),
        search=search,
        operator=arguments.redact,
        key=operator_key(arguments.redact or ""),
        values=arguments.values,
        sample=arguments.sample,
    )


def _for_workers(spec: EngineSpec, arguments: argparse.Namespace) -> EngineSpec:
    """The engine with threads for its share of the cores, unless their number was chosen; results do not change."""
    option = spec.options.get("threads")
    if option is None or spec.config.threads != option.default or arguments.workers == 1:
        return spec
    return spec.changed({"threads": max(1, (os.cpu_count() or 1) // arguments.workers)})


def _runner(arguments: argparse.Namespace) -> Runner:
    if arguments.engine == "ray":
        from serving.scan.runners.ray import OnRay

        return OnRay(arguments.workers, arguments.gpus)
    from serving.scan.runners.local import InProcess, Processes

    return InProcess() if arguments.workers == 1 else Processes(arguments.workers)


def _summary(outcome: Outcome, out: Path) -> int:
    if outcome.was_finished:
        print(f"{out}: this scan is finished; nothing was done", file=sys.stderr)
    print(f"{out}: {outcome.summary}; see map.html and findings.parquet", file=sys.stderr)
    if outcome.quarantined:
        _tell(f"not read: {outcome.quarantined}; see {out / 'quarantine.jsonl'}")
        return _QUARANTINED
    return 0


def _tell(sentence: str) -> None:
    print(f"pii-sft: warning: {sentence}", file=sys.stderr)
