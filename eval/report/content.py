"""What a report says: headings, prose and tables, in order."""

import re
from collections.abc import Iterator, Sequence
from statistics import median

from eval.figures import Comparison, Figures, Row, ScoredSystem, UnscoredSystem
from eval.report.blocks import Block, Cell, Heading, Prose, line, table
from eval.scores.bootstrap import METRICS
from eval.speed.latency import PERCENTILES
from schemas.text.length_buckets import LENGTH_BUCKETS, length_bucket

_FOLDER = re.compile(r"([:+])(?!https?:)[^?#+]*/(?=[^/])")
_PATTERNS = 15


def blocks(figures: Figures) -> Iterator[Block]:
    """The content of the report; accuracy is left out where no system was scored."""
    yield from _head(figures)
    if figures.detectors:
        for section in (_scores, _differences, _by_type, _by_slice, _thresholds, _answers, _errors, _general_ability):
            yield from section(figures)
    yield from _speed(figures)


def short_names(specs: Sequence[str]) -> list[str]:
    """One name for each spec: the spec without folders; whole specs where two would be alike."""
    short = [_FOLDER.sub(r"\1", spec) for spec in specs]
    return short if len(set(short)) == len(short) else list(specs)


def names_of(figures: Figures) -> list[str]:
    """The short names of `figures.systems`."""
    return short_names([system.spec for system in figures.systems])


def _scored(figures: Figures) -> Iterator[tuple[str, ScoredSystem]]:
    return zip(names_of(figures), figures.detectors, strict=False)


def _systems(figures: Figures) -> Iterator[tuple[str, ScoredSystem | UnscoredSystem]]:
    return zip(names_of(figures), figures.systems, strict=True)


def _head(figures: Figures) -> Iterator[Block]:
    data = figures.data
    yield Heading(1, "Accuracy and latency")
    yield Prose(
        f"{data.texts:,} texts, {data.characters:,} characters, {data.entities:,} true entities of all types; "
        f"data {data.sha256[:16]}. Types, each scored on the texts that annotate it: {', '.join(figures.types)}."
    )
    yield table(("detector", "what runs where"), ((name, system.description) for name, system in _systems(figures)))
    if figures.random:
        yield Prose("Of random weights accuracy was not measured: only speed and memory mean anything.")


def _scores(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "Scores")
    yield Prose(
        "Micro-averages. In brackets the 95% interval, by bootstrap over the texts. Macro is the mean F1 of the types "
        "that occur. Clean: of the texts without an entity, the share in which nothing was found."
    )
    yield table(
        ("strict", "precision", "recall", "F1", "macro F1", "clean", "tp", "fp", "fn"),
        ((name, *_strict(system)) for name, system in _scored(figures)),
    )
    overlapping = [(name, system.scores.partial.micro) for name, system in _scored(figures)]
    yield from _micros("partial", "overlap, right type", overlapping)
    untyped = [(name, system.scores.type_agnostic.micro) for name, system in _scored(figures)]
    yield from _micros("type-agnostic", "start and end right, whatever type", untyped)
    meaning = "characters, whatever type: recall is the share of personal characters that redaction hides"
    characters = [(name, system.scores.characters.micro) for name, system in _scored(figures)]
    yield from _micros("characters", meaning, characters)
    yield from _clean(figures)


def _strict(system: ScoredSystem) -> Iterator[Cell]:
    micro = system.scores.strict.micro
    for metric in METRICS:
        low, high = getattr(system.intervals, metric)
        yield f"{getattr(micro, metric):.4f} ({low:.3f} to {high:.3f})"
    yield system.scores.strict.macro.f1
    yield system.clean.share
    yield from (micro.tp, micro.fp, micro.fn)


def _clean(figures: Figures) -> Iterator[Block]:
    yield Prose("PII-free texts: of the texts without an entity, the share in which nothing was found, by source.")
    texts = figures.detectors[0].clean
    rows = [("all", texts.texts, *(system.clean.share for system in figures.detectors))]
    rows += [
        (source, texts.texts, *(system.clean_by_source[source].share for system in figures.detectors))
        for source, texts in figures.detectors[0].clean_by_source.items()
    ]
    yield table(("PII-free", "texts", *(name for name, _ in _scored(figures))), rows)


def _micros(scheme: str, meaning: str, rows: Sequence[tuple[str, Row]]) -> Iterator[Block]:
    yield Prose(f"{scheme.capitalize()}: {meaning}.")
    cells = ((name, row.precision, row.recall, row.f1, row.tp, row.fp, row.fn) for name, row in rows)
    yield table((scheme, "precision", "recall", "f1", "tp", "fp", "fn"), cells)


def _differences(figures: Figures) -> Iterator[Block]:
    if figures.differences:
        yield Heading(2, "Differences")
        yield Prose("Against the first detector on the same texts; 95% interval and p-value of a paired bootstrap.")
        names = {system.spec: name for name, system in _scored(figures)}
        header = (f"against {names[figures.differences[0].first]}", "precision", "recall", "F1")
        yield table(header, ((names[gap.second], *_gaps(gap)) for gap in figures.differences))


def _gaps(comparison: Comparison) -> Iterator[str]:
    for value, (low, high), p in (comparison.precision, comparison.recall, comparison.f1):
        yield f"{value:+.4f} ({low:+.3f} to {high:+.3f}), p {'≤' if p < 0.0021 else '='} {p:.3f}"


def _by_type(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "By type")
    yield Prose("Strict precision / recall / F1; the number of true entities.")
    tables = [system.scores.strict.by_type for system in figures.detectors]
    body = []
    for kind in figures.types:
        rows = [table.get(kind) for table in tables]
        entities = [row.entities for row in rows if row]
        if entities:
            body.append((kind, entities[0], *(_triple(row) for row in rows)))
    yield table(("type", "entities", *(name for name, _ in _scored(figures))), body)


def _triple(row: Row | None) -> str | None:
    if not row:
        return None
    precision = f"{row.precision:.3f}" if row.tp + row.fp else "–"
    return f"{precision} / {row.recall:.3f} / {row.f1:.3f}"


def _by_slice(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "By slice")
    yield Prose("Strict precision / recall / F1.")
    for name, values in figures.detectors[0].slices.items():
        if len(values) > 1:
            rows = (
                (value, row.texts, *(_triple(system.slices[name][value].strict) for system in figures.detectors))
                for value, row in values.items()
            )
            yield table((name, "texts", *(name for name, _ in _scored(figures))), rows)


def _thresholds(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "Thresholds")
    yield Prose(
        "What `min_score` gives: F2, F1 and F0.5 are highest there. The calibration error is that of the score."
    )
    rows = (
        (name, system.calibration.error, point, f"{row.min_score:.6f}", row.precision, row.recall, row.f1)
        for name, system in _scored(figures)
        for point, row in system.operating_points.items()
    )
    yield table(("detector", "calibration error", "point", "min_score", "precision", "recall", "F1"), rows)


def _answers(figures: Figures) -> Iterator[Block]:
    rows = [
        (name, row.answers, row.valid_share, row.items, row.invented, row.unknown_types, row.written_tokens)
        for name, system in _scored(figures)
        if (row := system.answers)
    ]
    if rows:
        yield Heading(2, "Written answers")
        yield Prose(
            "An answer that is not valid JSON finds nothing; an item whose value is not in the text is dropped."
        )
        header = ("detector", "answers", "valid JSON", "items", "not in the text", "unknown type", "tokens a text")
        yield table(header, rows)


def _errors(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "Errors")
    kinds = list(figures.detectors[0].errors.kinds)
    rows: list[tuple[Cell, ...]] = [
        (name, *(system.errors.kinds[kind] for kind in kinds)) for name, system in _scored(figures)
    ]
    yield table(("detector", *kinds), rows)
    for name, system in _scored(figures):
        patterns = system.errors.patterns[:_PATTERNS]
        if patterns:
            yield Prose(f"Most frequent errors of {line(name)}, by the form of the value:")
            header = ("count", "kind", "true", "found", "form")
            rows = [(row.count, row.kind, row.true, row.found, row.form) for row in patterns]
            if any(row.examples for row in patterns):
                shown = (" ⏎ ".join(row.examples) for row in patterns)
                yield table((*header, "examples"), ((*row, text) for row, text in zip(rows, shown, strict=True)))
            else:
                yield table(header, rows)


def _general_ability(figures: Figures) -> Iterator[Block]:
    rows = [
        (name, language, row.before, row.after, row.tokens)
        for name, system in _scored(figures)
        for language, row in (system.speed.perplexity or {}).items()
    ]
    if rows:
        yield Heading(2, "General ability")
        yield Prose("Perplexity of general text before and after fine-tuning; what rises was forgotten.")
        yield table(("detector", "language", "before", "after", "tokens"), rows)


def _speed(figures: Figures) -> Iterator[Block]:
    yield Heading(2, "Speed")
    yield Prose(
        "Rates of the predictions above; hours of this machine, and money for paid tokens, for a million texts. "
        "All detectors share a process: what one loaded costs later ones nothing. Run one alone for its own figures."
    )
    header = (
        "detector",
        "texts/s",
        "characters/s",
        "hours a million",
        "price a million",
        "load s",
        "memory MB",
        "GPU MB",
    )
    yield table(header, ((name, *_rates(system), *_needs(system)) for name, system in _systems(figures)))
    if any(system.speed.latency for system in figures.systems):
        yield from _latency(figures)


def _rates(system: ScoredSystem | UnscoredSystem) -> Iterator[Cell]:
    batch, price, answers = system.batch, system.speed.price, system.answers
    if batch is None:
        yield from (None,) * 4
        return
    yield from (batch.texts_per_s, batch.characters_per_s, batch.hours_per_million_texts)
    yield answers.read_tokens * price[0] + answers.written_tokens * price[1] if price and answers else None


def _needs(system: ScoredSystem | UnscoredSystem) -> tuple[Cell, ...]:
    speed = system.speed
    return speed.load_s, round(speed.memory_mb), None if speed.gpu_mb is None else round(speed.gpu_mb)


def _latency(figures: Figures) -> Iterator[Block]:
    yield Prose("Calls with one text each, after three to warm up; callers that would wait too long are left out.")
    measured = [(name, system.speed.latency) for name, system in _systems(figures)]
    rows = (
        (name, int(callers), *(getattr(row, f"p{part}_ms") for part in PERCENTILES), row.texts_per_s)
        for name, latency in measured
        if latency
        for callers, row in latency.callers.items()
    )
    yield table(("detector", "callers", *(f"p{part} ms" for part in PERCENTILES), "texts/s"), rows)
    yield from _same_texts([(name, latency.single) for name, latency in measured if latency])
    machine = figures.systems[0].speed.environment
    yield Prose(line(", ".join(f"{key} {value}" for key, value in machine.items())) + ".")


def _same_texts(measured: Sequence[tuple[str, Sequence[tuple[int, float]]]]) -> Iterator[Block]:
    """A single caller's latency on the texts that every detector answered in its time."""
    texts = min(len(calls) for _, calls in measured)
    yield Prose(
        f"The first {texts:,} of these texts, which every detector answered in its time, from a single caller: median "
        "by length, and the time of all by that of the first detector."
    )
    first = sum(milliseconds for _, milliseconds in measured[0][1][:texts])
    rows = []
    for name, calls in measured:
        groups: dict[str, list[float]] = {}
        for characters, milliseconds in calls[:texts]:
            groups.setdefault(length_bucket(characters), []).append(milliseconds)
        medians = (median(groups[length]) if length in groups else None for length in LENGTH_BUCKETS)
        rows.append((name, *medians, sum(milliseconds for _, milliseconds in calls[:texts]) / first))
    yield table(("p50 ms by length", *LENGTH_BUCKETS, "times the first"), rows)
