"""What the report says of written answers and of errors."""

from collections.abc import Iterator

from eval.figures import Figures
from eval.report.names import named
from eval.report.tables import escape, table

_PATTERNS = 15


def answers(figures: Figures) -> Iterator[str]:
    """Whether written answers were valid, and what they invented; nothing where no detector writes answers."""
    rows = [
        (
            name,
            row["answers"],
            row["valid_share"],
            row["items"],
            row["invented"],
            row["unknown_types"],
            row["written_tokens"],
        )
        for name, detector in named(figures)
        if (row := detector["answers"])
    ]
    if rows:
        yield "## Written answers"
        yield "An answer that is not valid JSON finds nothing; an item whose value is not in the text is dropped."
        yield table(
            ("detector", "answers", "valid JSON", "items", "not in the text", "unknown type", "tokens a text"), rows
        )


def errors(figures: Figures) -> Iterator[str]:
    """Errors by kind, and the most frequent ones of each detector."""
    yield "## Errors"
    kinds = list(figures["detectors"][0]["errors"]["kinds"])
    counts = ((name, *(detector["errors"]["kinds"][kind] for kind in kinds)) for name, detector in named(figures))
    yield table(("detector", *kinds), counts)
    for name, detector in named(figures):
        rows = detector["errors"]["patterns"][:_PATTERNS]
        if rows:
            shown = any("examples" in row for row in rows)
            keys = ("count", "kind", "true", "found", "form")
            body = ((*(row[key] for key in keys), *([" ⏎ ".join(row["examples"])] if shown else [])) for row in rows)
            yield f"Most frequent errors of {escape(name)}, by the form of the value:"
            yield table((*keys, *(["examples"] if shown else [])), body)
