"""The report page: what a dataset holds, as bars, in one HTML file without scripts or external assets."""

from collections.abc import Iterable
from html import escape

from data_builders.dataset.built import Built
from data_builders.dataset.statistics import entity_counts, slice_counts, type_counts
from data_builders.synth.sampling import Split
from schemas.text.length_buckets import LENGTH_BUCKETS

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:400;padding-right:1rem}"
    "td{width:75%}td.n{width:auto;text-align:right;padding-left:1rem}meter{width:100%;height:1rem}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#111}}"
)


def report(built: Built) -> str:
    """The page for `built`: sources, types, lengths, families, entities a text, cue words, noise, refused rows."""
    rows = [example for split in Split for example in built.rows[split]]
    lengths = slice_counts(rows, "length")
    refused = [(f"{source}: {reason}", count) for (source, reason), count in sorted(built.refusals.items())]
    charts = [
        ("Rows by source", sorted(slice_counts(rows, "source").items())),
        ("Rows by language", sorted(slice_counts(rows, "language").items())),
        ("Entities by type", type_counts(rows).items()),
        ("Entities a text", sorted(entity_counts(rows).items())),
        ("Characters a text", [(length, lengths[length]) for length in LENGTH_BUCKETS]),
        ("Values with a cue word nearby", sorted(slice_counts(rows, "cue").items())),
        ("Noise", slice_counts(rows, "noise").most_common()),
        ("Kinds of text", slice_counts(rows, "family").most_common()),
        ("Refused rows", refused),
        ("Reading", sorted(built.reading.items())),
    ]
    sections = "".join(_chart(title, items) for title, items in charts)
    splits = ", ".join(f"{split} {len(built.rows[split]):,}" for split in Split)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Dataset report</title><style>{_STYLE}</style>'
        f"<h1>Dataset report</h1><p>{splits} rows, seed {built.recipe.seed}</p>{sections}</html>\n"
    )


def _chart(title: str, items: Iterable[tuple[str, int]]) -> str:
    bars = list(items)
    highest = max((count for _, count in bars), default=1)
    lines = "".join(
        f'<tr><th>{escape(name)}<td><meter max="{highest}" value="{count}">{count}</meter><td class="n">{count:,}'
        for name, count in bars
    )
    return f"<h2>{title}</h2><table>{lines or '<tr><th>none'}</table>"
