"""What `pii-sft eval --suite` does: every detector on every suite, one table, one page."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pii_sft.cli.shared.failures import explain
from pii_sft.cli.shared.table import print_table
from schemas.errors import DataError
from schemas.files import write_whole

if TYPE_CHECKING:
    from eval.evaluate import Progress
    from eval.figures import Figures
    from eval.suites import OpenSuite, SuiteResults, SystemVersion

PAGE = "results.md"

Loaded = TypeVar("Loaded")


def run_suites(arguments: argparse.Namespace, general: tuple[str, ...], progress: Progress) -> None:
    """Measure, print the table, and write the page and a report for each suite into the folder of `--out`.

    Raises DataError at the end when a suite could not be read or a detector not loaded; the table says so too.
    """
    from eval.report.suites import HEADER, result_rows, suites_page

    arguments.out.mkdir(parents=True, exist_ok=True)
    _check_page(arguments.out, arguments.suite)
    results = _measure(arguments, general, progress)
    rows = result_rows(results)
    print_table(HEADER, rows)
    write_whole(arguments.out / PAGE, suites_page(results))
    print(f"page: {arguments.out / PAGE}; a report of each suite in its folder")
    print(json.dumps(_summary(results), ensure_ascii=False))
    if results.gaps:
        raise DataError("not measured: " + "; ".join(f"{name}: {reason}" for name, reason in results.gaps.items()))


def _check_page(out: Path, suites: Sequence[str]) -> None:
    """Raise DataError when the page in `out` has suites that are not among `suites`, which would be lost."""
    from eval.figures import REPORT_FILE

    missing = sorted({path.parent.name for path in out.glob(f"*/{REPORT_FILE}")} - set(suites))
    if missing:
        raise DataError(f"{out}: holds a report of {', '.join(missing)}, not named now; choose another folder")


def _measure(arguments: argparse.Namespace, general: tuple[str, ...], progress: Progress) -> SuiteResults:
    """Read all suites and load all detectors before anything is predicted."""
    from eval.speed.machine import environment
    from eval.suites import SuiteResults
    from pii_sft.suites import open_named, suite_named

    for name in arguments.suite:
        suite_named(name)

    def read(name: str) -> OpenSuite:
        return open_named(name, arguments.data, arguments.out, arguments.types, arguments.limit)

    suites, unread = _each(arguments.suite, read)
    systems, unloaded = _each(arguments.detector, _version)
    specs = [system.spec for system in systems]
    figures = [_figures(suite, specs, arguments, general, progress) for suite in suites] if specs else []
    measured = tuple(zip(suites, figures, strict=False))
    return SuiteResults(tuple(systems), measured, unread, unloaded, environment())


def _each(names: Iterable[str], load: Callable[[str], Loaded]) -> tuple[list[Loaded], dict[str, str]]:
    """What `load` makes of each name, and why it could not of others."""
    loaded, failures = list[Loaded](), dict[str, str]()
    for name in names:
        try:
            loaded.append(load(name))
        except Exception as error:
            reason = explain(error)
            if reason is None:
                raise
            failures[name] = reason
    return loaded, failures


def _version(spec: str) -> SystemVersion:
    from eval.suites import SystemVersion
    from pii_sft.systems import load_system

    system = load_system(spec)
    if system.random:
        raise DataError("random weights have no scores")
    return SystemVersion(spec, system.description, system.identity)


def _figures(
    suite: OpenSuite, specs: list[str], arguments: argparse.Namespace, general: tuple[str, ...], progress: Progress
) -> Figures:
    from eval.evaluate import Plan, evaluate
    from eval.report import write_report
    from pii_sft.systems import load_system

    out = arguments.out / suite.name
    plan = Plan(suite.dataset, suite.types, out, arguments.latency or 0.0, arguments.show_text, general)
    figures = evaluate(plan, specs, load_system, lambda spec, *done: progress(f"{suite.name}, {spec}", *done))
    write_report(figures, out)
    return figures


def _summary(results: SuiteResults) -> dict[str, dict[str, float]]:
    """Strict F1 by suite and detector."""
    return {
        suite.name: {system.spec: system.scores.strict.micro.f1 for system in figures.detectors}
        for suite, figures in results.measured
    }
