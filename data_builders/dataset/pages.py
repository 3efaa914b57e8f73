"""The pages beside a dataset: its card (README.md), as the hub and `datasets` read it, and its report in HTML."""

import json
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

from data_builders.dataset.built import Built
from data_builders.dataset.slices import entity_counts, slice_counts, type_counts
from data_builders.sources.registry import traits_of
from data_builders.splits import Split
from schemas.llm.alpaca import to_row
from schemas.taxonomy import EntityType
from schemas.text.length_buckets import LENGTH_BUCKETS


def card(built: Built) -> str:
    """The text of README.md for `built`."""
    rows = built.examples
    return _render(
        "card.md.jinja",
        splits=[str(split) for split in Split],
        source_rows=_source_rows(built),
        languages=slice_counts(rows, "language").most_common(),
        entities_a_row=sorted(entity_counts(rows).items()),
        type_rows=_type_rows(built),
        families=slice_counts(rows, "family").most_common(),
        sample=_sample(built),
        refused=[(source, reason, count) for (source, reason), count in sorted(built.refusals.items())],
        pairs=[(name, f"{len(pairs):,}") for name, pairs in built.pairs.items() if pairs],
        licences=[source.licence for source in built.recipe.example_sources.values()],
        shortfalls=built.shortfalls,
    )


def report(built: Built) -> str:
    """One HTML page without scripts or external assets: sources, types, lengths, noise, refused rows, ... as bars."""
    rows = built.examples
    lengths = slice_counts(rows, "length")
    refused = [(f"{source}: {reason}", count) for (source, reason), count in sorted(built.refusals.items())]
    charts = {
        "Rows by source": sorted(slice_counts(rows, "source").items()),
        "Rows by language": sorted(slice_counts(rows, "language").items()),
        "Entities by type": list(type_counts(rows).items()),
        "Entities a text": sorted(entity_counts(rows).items()),
        "Characters a text": [(length, lengths[length]) for length in LENGTH_BUCKETS],
        "Values with a cue word nearby": sorted(slice_counts(rows, "cue").items()),
        "Noise": slice_counts(rows, "noise").most_common(),
        "Kinds of text": slice_counts(rows, "family").most_common(),
        "Refused rows": refused,
        "Reading": sorted(built.reading.items()),
    }
    splits = ", ".join(f"{split} {len(built.rows[split]):,}" for split in Split)
    return _render("report.html.jinja", splits=splits, seed=built.recipe.seed, charts=list(charts.items()))


def _render(template: str, **values: Any) -> str:
    folder = resources.files("data_builders.dataset") / "templates"
    environment = Environment(
        loader=FunctionLoader(lambda name: (folder / name).read_text(encoding="utf-8")),
        autoescape=select_autoescape(["html.jinja"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)


def _source_rows(built: Built) -> list[tuple[object, ...]]:
    lines: list[tuple[object, ...]] = []
    total = 0
    for name, count in built.recipe.counts().items():
        taken = [built.taken[name, split][0] for split in Split]
        total += sum(taken) if count is None else count
        lines.append((name, *taken, "all" if count is None else count))
    return [*lines, ("all", *(len(built.rows[split]) for split in Split), total)]


def _type_rows(built: Built) -> list[tuple[object, ...]]:
    counts = {split: type_counts(built.rows[split]) for split in Split}
    return [(kind, kind.info.zh, *(counts[split][kind] for split in Split)) for kind in EntityType]


def _sample(built: Built) -> str:
    """The shortest train row with an entity of a source whose rows may be shown, in JSON."""
    rows = [row for row in built.rows[Split.TRAIN] if row.entities and traits_of(row.source).printable]
    shortest = min(rows, key=lambda row: len(row.document.text), default=None)
    return json.dumps(to_row(shortest), ensure_ascii=False, indent=1) if shortest else ""
