"""The report as Markdown."""

from collections.abc import Iterator, Sequence

from eval.bootstrap import METRICS
from eval.figures import Figures
from eval.report.faults import answers, errors
from eval.report.names import everyone_named, named
from eval.report.parts import by_slice, by_type
from eval.report.speed import general_ability, speed
from eval.report.tables import table
from eval.report.verdict import expectations

_SCHEMES = {
    "strict": "start, end and type right",
    "partial": "overlap, right type",
    "type_agnostic": "start and end right, whatever type",
    "characters": "characters, whatever type: recall is the share of personal characters that redaction hides",
}


def markdown(figures: Figures, plots: Sequence[str]) -> str:
    """The page, with the plots of these names from plots/."""
    accuracy = (_scores, _verdict, _differences, by_type, by_slice, _thresholds, answers, errors, general_ability)
    sections = (_head, *(accuracy if figures["detectors"] else ()), speed)
    parts = [part for section in sections for part in section(figures)]
    return "\n\n".join([*parts, *(f"![{name}](plots/{name}.svg)" for name in plots)]) + "\n"


def _head(figures: Figures) -> Iterator[str]:
    data = figures["data"]
    yield "# Accuracy and latency"
    yield (
        f"{data['texts']:,} texts, {data['characters']:,} characters, {data['entities']:,} true entities; "
        f"data {data['sha256'][:16]}. Types, each scored on the texts that annotate it: {', '.join(figures['types'])}."
    )
    rows = ((name, detector["description"]) for name, detector in everyone_named(figures))
    yield table(("detector", "what runs where"), rows)
    if figures["random"]:
        yield "Of random weights accuracy was not measured: only speed and memory mean anything."


def _scores(figures: Figures) -> Iterator[str]:
    yield "## Scores"
    yield (
        "Micro-averages. In brackets the 95% interval, by bootstrap over the texts. Macro is the mean F1 of the types "
        "that occur. Clean: of the texts without an entity, the share in which nothing was found."
    )
    rows = []
    for name, detector in named(figures):
        micro, ranges = detector["scores"]["strict"]["micro"], detector["intervals"]
        cells = [f"{micro[metric]:.4f} ({ranges[metric][0]:.3f} to {ranges[metric][1]:.3f})" for metric in ranges]
        clean = detector["clean"]
        share = clean["without_detection"] / clean["texts"] if clean["texts"] else None
        counts = (micro["tp"], micro["fp"], micro["fn"])
        rows.append((name, *cells, detector["scores"]["strict"]["macro"]["f1"], share, *counts))
    yield table(("strict", "precision", "recall", "F1", "macro F1", "clean", "tp", "fp", "fn"), rows)
    for scheme, meaning in list(_SCHEMES.items())[1:]:
        yield f"{scheme.replace('_', '-').capitalize()}: {meaning}."
        micros = [(name, detector["scores"][scheme]["micro"]) for name, detector in named(figures)]
        keys = ("precision", "recall", "f1", "tp", "fp", "fn")
        yield table((scheme.replace("_", "-"), *keys), ((name, *(row[key] for key in keys)) for name, row in micros))


def _verdict(figures: Figures) -> Iterator[str]:
    yield "## Expected and measured"
    yield table(("detector", "expected", "measured"), expectations(figures))


def _differences(figures: Figures) -> Iterator[str]:
    if figures["differences"]:
        yield "## Differences"
        yield "Against the first detector on the same texts; 95% interval and p-value of a paired bootstrap."
        names = {detector["spec"]: name for name, detector in named(figures)}
        rows = []
        for gap in figures["differences"]:
            told = []
            for metric in METRICS:
                value, (low, high), p = gap[metric]
                told.append(f"{value:+.4f} ({low:+.3f} to {high:+.3f}), p {'≤' if p < 0.0021 else '='} {p:.3f}")
            rows.append((names[gap["second"]], *told))
        yield table((f"against {names[figures['differences'][0]['first']]}", "precision", "recall", "F1"), rows)


def _thresholds(figures: Figures) -> Iterator[str]:
    yield "## Thresholds"
    yield "What `min_score` gives: F2, F1 and F0.5 are highest there. The calibration error is that of the score."
    rows = [
        (
            name,
            detector["calibration"]["error"],
            point,
            f"{row['min_score']:.6f}",
            *(row[metric] for metric in METRICS),
        )
        for name, detector in named(figures)
        for point, row in detector["operating_points"].items()
    ]
    yield table(("detector", "calibration error", "point", "min_score", "precision", "recall", "F1"), rows)
