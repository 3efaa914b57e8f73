"""What the report says of types and slices."""

from collections.abc import Iterator

from eval.figures import Figures
from eval.report.names import named
from eval.report.tables import table


def by_type(figures: Figures) -> Iterator[str]:
    """Strict scores of every detector by type."""
    yield "## By type"
    yield "Strict precision / recall / F1; the number of true entities."
    rows = [detector["scores"]["strict"]["by_type"] for _, detector in named(figures)]
    kinds = [kind for kind in figures["types"] if any(kind in row for row in rows)]
    body = []
    for kind in kinds:
        found = [row.get(kind) for row in rows]
        true = next((row["tp"] + row["fn"] for row in found if row), 0)
        body.append((kind, true, *(_triple(row) for row in found)))
    yield table(("type", "entities", *_names(figures)), body)


def _triple(row: Figures | None) -> str | None:
    if not row:
        return None
    precision = f"{row['precision']:.3f}" if row["tp"] + row["fp"] else "–"
    return f"{precision} / {row['recall']:.3f} / {row['f1']:.3f}"


def by_slice(figures: Figures) -> Iterator[str]:
    """Strict scores of every detector, slice by slice."""
    yield "## By slice"
    yield "Strict precision / recall / F1."
    first = figures["detectors"][0]["slices"]
    for name, places in first.items():
        if len(places) > 1:
            rows = [
                (
                    place,
                    row["texts"],
                    *(_triple(detector["slices"][name][place]["strict"]) for _, detector in named(figures)),
                )
                for place, row in places.items()
            ]
            yield table((name, "texts", *_names(figures)), rows)


def _names(figures: Figures) -> list[str]:
    return [name for name, _ in named(figures)]
