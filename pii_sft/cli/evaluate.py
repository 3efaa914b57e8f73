"""`pii-sft eval`: compares detectors on a dataset, compares reports, and shows the errors of one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pii_sft.cli.shared.engine_options import add_detectors
from pii_sft.cli.shared.numbers import bounded
from pii_sft.cli.shared.parser import Collected, Commands, Parser, add_types
from pii_sft.cli.shared.table import print_table
from pii_sft.cli.suites import run_suites
from schemas.errors import DataError
from schemas.taxonomy import DEFAULT_TYPES

if TYPE_CHECKING:
    from eval.figures import Figures

_LATENCY = 10.0


def add_parser(commands: Commands) -> None:
    """Add the command `eval` with its own commands `errors` and `compare`."""
    parser = commands.add_parser("eval", help="score detectors on a dataset and write a report")
    help_data = "dataset; in a folder, its test.jsonl; with --suite, the folder with the folders of published test sets"
    parser.add_argument("--data", type=Path, metavar="FILE|DIR", help=help_data)
    help_suite = "a public test set or one of this project in place of a dataset; see docs/results.md (repeatable)"
    parser.add_argument("--suite", action=Collected, default=[], metavar="NAME", help=help_suite)
    add_detectors(parser)
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for predictions and report; an interrupted evaluation resumes there",
    )
    parser.add_argument("--limit", type=bounded(int, 1), metavar="N", help="only the first N examples")
    add_types(parser)
    parser.add_argument(
        "--show-text", action="store_true", help="show parts of the texts beside the errors in the report"
    )
    help_seconds = "how long to measure latency for each number of callers; 0 skips it (default: 10, with --suite 0)"
    parser.add_argument("--latency", type=bounded(float, 0), metavar="SECONDS", help=help_seconds)
    help_general = "UTF-8 file with general text; measures what an LLM forgot: perplexity with and without its adapter"
    parser.add_argument("--general", type=Path, metavar="FILE", help=help_general)
    parser.set_defaults(run=_run)
    views = parser.add_subparsers(title="reports", metavar="COMMAND", parser_class=Parser)
    errors = views.add_parser("errors", help="print the worst slices and the most frequent errors of a report")
    errors.add_argument("report", type=Path, metavar="DIR", help="folder of the report")
    errors.add_argument("--of", metavar="SPEC", help="detector (default: the report's first)")
    errors.add_argument("--top", type=bounded(int, 1), default=20, metavar="N", help="rows of each table (default: 20)")
    errors.set_defaults(run=_errors)
    compare = views.add_parser("compare", help="print which scores rose and fell; exit with 1 if one fell too far")
    compare.add_argument("old", type=Path, metavar="OLD", help="folder of the earlier report")
    compare.add_argument("new", type=Path, metavar="NEW", help="folder of the later report")
    help_threshold = "how far precision, recall or F1 of all types may fall (default: 0.005)"
    compare.add_argument("--threshold", type=bounded(float, 0), default=0.005, metavar="X", help=help_threshold)
    compare.set_defaults(run=_compare)


def _run(arguments: argparse.Namespace) -> None:
    from pii_sft.registry import parse_spec

    for name in ("out",) if arguments.suite else ("data", "out"):
        if getattr(arguments, name) is None:
            raise DataError(f"eval needs --{name}")
    for spec in arguments.detector:
        parse_spec(spec, measured=True)
    general = _lines(arguments.general) if arguments.general else ()
    if arguments.suite:
        run_suites(arguments, general, _progress)
    else:
        _run_dataset(arguments, general)


def _run_dataset(arguments: argparse.Namespace, general: tuple[str, ...]) -> None:
    from eval.dataset import open_dataset
    from eval.evaluate import Plan, evaluate
    from eval.report import write_report
    from pii_sft.systems import load_system

    dataset = open_dataset(arguments.data, arguments.limit)
    types = arguments.types or DEFAULT_TYPES
    seconds = _LATENCY if arguments.latency is None else arguments.latency
    plan = Plan(dataset, types, arguments.out, seconds, arguments.show_text, general)
    figures = evaluate(plan, arguments.detector, load_system, _progress)
    write_report(figures, arguments.out)
    _print_summary(figures)
    print(f"report: {arguments.out / 'report.html'}")
    micros = {system.spec: dict(system.scores.strict.micro) for system in figures.detectors}
    print(json.dumps({"texts": dataset.texts, "strict": micros}, ensure_ascii=False))


def _lines(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text(encoding="utf-8").splitlines())
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: byte {error.start} is not UTF-8") from None


def _progress(spec: str, done: int, total: int) -> None:
    end = "\n" if done == total or not sys.stderr.isatty() else "\r"
    print(f"{spec}: {done} of {total} texts", end=end, file=sys.stderr, flush=True)


def _print_summary(figures: Figures) -> None:
    rows = []
    for system in figures.detectors:
        micro, hidden = system.scores.strict.micro, system.scores.characters.micro.recall
        scores = (f"{score:.4f}" for score in (micro.precision, micro.recall, micro.f1, hidden))
        rows.append((system.spec, *scores, f"{system.batch.texts_per_s:.1f}"))
    print_table(("detector", "precision", "recall", "f1", "hidden", "texts/s"), rows)


def _errors(arguments: argparse.Namespace) -> None:
    from eval.figures import read_figures
    from eval.scores.error_analysis import confusions, patterns, system_of, worst_slices

    system = system_of(read_figures(arguments.report), arguments.of)
    print(f"{system.spec}: types and slices with more errors than their share, worst first")
    print_table(("where", "entities", "missed", "wrong", "recall", "precision"), worst_slices(system, arguments.top))
    print("\nerrors by kind and type")
    print_table(("count", "kind", "true type", "found type"), confusions(system, arguments.top))
    print("\nerrors by form of the value")
    rows = patterns(system, arguments.top)
    shown = [f"example {number}" for number in range(1, 1 + max((len(row) for row in rows), default=5) - 5)]
    padded = [(*row, *[""] * (5 + len(shown) - len(row))) for row in rows]
    print_table(("count", "kind", "true type", "found type", "form", *shown), padded)


def _compare(arguments: argparse.Namespace) -> int:
    from eval.compare import changes
    from eval.figures import read_figures

    scores = list(changes(read_figures(arguments.old), read_figures(arguments.new)))
    changed = [change for change in scores if change.gain]
    rows = [(row.detector, row.name, f"{row.old:.4f}", f"{row.new:.4f}", f"{row.gain:+.4f}") for row in changed]
    print_table(("detector", "score", "old", "new", "change"), rows) if rows else print("nothing changed")
    fallen = [change for change in scores if not change.kind and change.gain < -arguments.threshold]
    if fallen:
        names = ", ".join(f"{change.name} of {change.detector}" for change in fallen)
        print(f"fell by more than {arguments.threshold:g}: {names}", file=sys.stderr)
        return 1
    return 0
