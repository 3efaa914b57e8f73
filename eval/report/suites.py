"""The results of suites: one table for terminals, and a page of Markdown with versions and hashes."""

from collections.abc import Iterator, Sequence

from eval.figures import CleanTexts, Row, ScoredSystem
from eval.report.blocks import Block, Heading, Prose, Table
from eval.report.content import short_names
from eval.report.pages import markdown_page
from eval.suites import OpenSuite, SuiteResults

HEADER = ("suite", "of it", "entities", "system", "strict F1", "precision", "recall", "hidden", "left clean")
ALL = "all"
_NONE = "–"
_NOT_MEASURED = ("not measured", *[_NONE] * 4)

Line = tuple[str, ...]


def result_rows(results: SuiteResults) -> list[Line]:
    """A row for each suite, what of it (all, a part, a type) and each system, also for those not measured.

    Types that are neither marked nor found have none.
    """
    names = _names(results)
    rows = []
    for suite, figures in results.measured:
        systems = figures.detectors
        types = [kind for kind in suite.types if any(kind in system.scores.strict.by_type for system in systems)]
        for of_it in (ALL, *_parts(systems[0]), *types) if systems else ():
            rows += [(suite.name, *_cells(system, of_it, names[system.spec])) for system in systems]
        rows += [(suite.name, ALL, _NONE, names[spec], *_NOT_MEASURED) for spec in results.unloaded]
    return rows + [(name, ALL, _NONE, _NONE, *_NOT_MEASURED) for name in results.unread]


def suites_page(results: SuiteResults) -> str:
    """The results as Markdown."""
    return markdown_page(list(_blocks(results)), {})


def _names(results: SuiteResults) -> dict[str, str]:
    specs = [*(system.spec for system in results.systems), *results.unloaded]
    return dict(zip(specs, short_names(specs), strict=True))


def _parts(system: ScoredSystem) -> Sequence[str]:
    """The parts of a suite that has several."""
    parts = tuple(system.slices["source"])
    return parts if len(parts) > 1 else ()


def _cells(system: ScoredSystem, of_it: str, name: str) -> Line:
    """What was measured of all texts, a part or a type."""
    strict, characters, clean = _scores(system, of_it)
    entities = strict.entities if strict else 0
    shares = (
        _share(strict.f1 if strict and strict.entities + strict.fp else None),
        _share(strict.precision if strict and strict.tp + strict.fp else None),
        _share(strict.recall if entities and strict else None),
        _share(characters.recall if characters and characters.entities else None),
    )
    return (of_it, f"{entities:,}", name, *shares, _clean(clean))


def _scores(system: ScoredSystem, of_it: str) -> tuple[Row | None, Row | None, CleanTexts | None]:
    """Strict scores, characters, and texts without a value; of a type that never occurs there are none."""
    scores = system.scores
    if of_it == ALL:
        return scores.strict.micro, scores.characters.micro, system.clean
    if part := system.slices["source"].get(of_it):
        return part.strict, part.characters, system.clean_by_source.get(of_it)
    return scores.strict.by_type.get(of_it), scores.characters.by_type.get(of_it), None


def _share(value: float | None) -> str:
    return _NONE if value is None else f"{value:.4f}"


def _clean(texts: CleanTexts | None) -> str:
    return _NONE if texts is None or texts.share is None else f"{texts.share:.4f} of {texts.texts:,}"


def _blocks(results: SuiteResults) -> Iterator[Block]:
    rows = result_rows(results)
    yield Heading(2, "Results")
    yield Prose(
        "A detection is right when its start, end and type are. Hidden is the share of personal characters that are "
        "marked, as whatever type. Left clean is the share of texts without a value in which nothing is marked."
    )
    types = {kind for suite, _ in results.measured for kind in suite.types}
    yield Table(HEADER, tuple(row for row in rows if row[1] not in types))
    for name, reason in results.gaps.items():
        yield Prose(f"Not measured: {name}: {reason}.")
    yield Heading(2, "By type")
    yield Table(HEADER, tuple(row for row in rows if row[1] in types))
    yield from _sources(results)


def _sources(results: SuiteResults) -> Iterator[Block]:
    """What was measured on what, so that it can be measured again."""
    names = _names(results)
    yield Heading(2, "Systems")
    rows = tuple((names[system.spec], system.description, system.identity) for system in results.systems)
    yield Table(("system", "what runs where", "version"), rows)
    yield Prose(", ".join(f"{name} {value}" for name, value in results.machine.items() if value is not None) + ".")
    suites = [suite for suite, _ in results.measured]
    yield Heading(2, "Test sets")
    yield Table(("suite", "texts", "characters", "file", "SHA-256"), tuple(_files(suites)))
    for suite in suites:
        if suite.dataset.limit == suite.dataset.texts:
            yield Prose(f"Of {suite.name} only the first {suite.dataset.texts:,} texts were measured.")
    left_out = [(suite.name, what, f"{count:,}") for suite in suites for what, count in sorted(suite.left_out.items())]
    if left_out:
        yield Prose("Values that the test sets mark and that are not scored:")
        yield Table(("suite", "left out", "number"), tuple(left_out))


def _files(suites: Sequence[OpenSuite]) -> Iterator[Line]:
    for suite in suites:
        data = suite.dataset
        for name, digest in suite.files.items():
            yield suite.name, f"{data.texts:,}", f"{data.characters:,}", name, digest
