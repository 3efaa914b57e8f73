"""What to look at first in a report: the slices and types that lose most, and the errors grouped by pattern."""

from collections.abc import Iterator

from eval.figures import Figures
from schemas.errors import DataError

Rows = list[tuple[str, ...]]


def detector_of(figures: Figures, spec: str | None) -> Figures:
    """The figures of the detector `spec`, or of the first one. Raises DataError when the report has no such one."""
    found: list[Figures] = [row for row in figures["detectors"] if spec in (None, row["spec"])]
    if not found:
        if not figures["detectors"]:
            raise DataError("the report has no scores")
        raise DataError(
            f"the report has no detector {spec}; it has {', '.join(row['spec'] for row in figures['detectors'])}"
        )
    return found[0]


def worst_slices(detector: Figures, top: int) -> Rows:
    """The `top` types and slices with the most errors beyond what their size explains, the worst first.

    They are ranked by errors above those that the detector's overall error rate would give to as many entities.
    """
    micro = detector["scores"]["strict"]["micro"]
    rate = _errors(micro) / max(_entities(micro), 1)
    rows = sorted(_parts(detector), key=lambda part: -(_errors(part[1]) - rate * _entities(part[1])))
    return [
        (name, str(_entities(row)), str(row["fn"]), str(row["fp"]), f"{row['recall']:.3f}", f"{row['precision']:.3f}")
        for name, row in rows[:top]
        if _errors(row)
    ]


def _parts(detector: Figures) -> Iterator[tuple[str, Figures]]:
    for kind, row in detector["scores"]["strict"]["by_type"].items():
        yield f"type {kind}", row
    for name, places in detector["slices"].items():
        if len(places) > 1:
            yield from ((f"{name} {place}", row["strict"]) for place, row in places.items())


def _entities(row: Figures) -> int:
    return int(row["tp"] + row["fn"])


def _errors(row: Figures) -> int:
    return int(row["fn"] + row["fp"])


def confusions(detector: Figures, top: int) -> Rows:
    """The `top` combinations of kind of error, true type and found type, the most frequent first."""
    rows = detector["errors"]["by_types"][:top]
    return [(str(row["count"]), row["kind"], row["true"], row["found"]) for row in rows]


def patterns(detector: Figures, top: int) -> Rows:
    """The `top` patterns of errors: count, kind, true type, found type, form of the value, and any examples."""
    return [
        (str(row["count"]), row["kind"], row["true"], row["found"], row["form"], *row.get("examples", []))
        for row in detector["errors"]["patterns"][:top]
    ]
