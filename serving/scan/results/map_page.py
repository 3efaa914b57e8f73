"""The data map as a page that needs no other file."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --mark: #c2410c; --bar: #2563eb }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
code { overflow-wrap: anywhere } h2 { margin-top: 2rem; overflow-wrap: anywhere }
.sensitive { color: var(--mark); font-weight: 600 } meter { width: 6rem }
"""
_NOTE = (
    "Values are masked. “Sensitive” follows GB/T 35273-2020 (annex B) and GB/T 45574-2025 (annex A). A table of types "
    "cannot see whether a person is under 14, or that several values together are sensitive: judge these yourself."
)
_STANDARDS = ("GB/T 35273-2020", "GB/T 45574-2025")


def map_page(figures: Mapping[str, Any]) -> str:
    """The page of what `data_map` gave; every text in it is escaped."""
    searched, total = figures["rows_searched"], figures["rows"]
    sample = "" if searched == total else f" (a sample of {total:,})"
    body = [
        "<h1>Data map</h1>",
        f"<p>{len(figures['files']):,} files, {searched:,} rows searched{sample}, {figures['rows_with_pii']:,} with "
        f"personal data.</p><p>{_NOTE}</p>",
        _table(("type", "values", *_STANDARDS), map(_total, figures["types"])),
        _quarantine(figures["quarantined"]),
        *map(_file, figures["files"]),
        _left_out(figures["left_out"]),
        "<h2>Settings</h2>",
        _table(("option", "value"), ([_text(name), _text(value)] for name, value in figures["settings"].items())),
    ]
    head = "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>Data map</title>"
    return (
        f"<!doctype html><html lang=en><head>{head}<style>{_STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _file(file: Mapping[str, Any]) -> str:
    title = f"<h2>{escape(file['file'])}</h2>"
    if "fault" in file:
        return f"{title}<p class=sensitive>Not scanned: {escape(file['fault'])}</p>"
    rows = [row for column in file["columns"] for row in _column(column)]
    notes = [
        f"{file['rows_searched']:,} of {file['rows']:,} rows searched, {file['rows_with_pii']:,} with personal data"
    ]
    for name, what in (("rows_quarantined", "rows"), ("row_groups_quarantined", "row groups")):
        notes += [f"<span class=sensitive>{file[name]:,} {what} could not be read</span>"] if file[name] else []
    if file["names_with_pii"]:
        names = f"names of columns hold personal data: {escape(', '.join(file['names_with_pii']))}"
        notes.append(f"<span class=sensitive>{names}</span>")
    if file["columns_not_read"]:
        notes.append(f"columns not read: {escape(', '.join(file['columns_not_read']))}")
    header = ("column", "rows", "rows with personal data", "share", "type", "values", *_STANDARDS, "masked samples")
    return f"{title}<p>{'; '.join(notes)}.</p>{_table(header, rows)}"


def _column(column: Mapping[str, Any]) -> list[list[str]]:
    share = column["share"]
    bar = _text("–") if share is None else f"<td><meter value={share}></meter> {share:.1%}</td>"
    cells = [_text(column["column"]), _number(column["rows"]), _number(column["rows_with_pii"]), bar]
    samples = [[*_total(kind), _text(" · ".join(kind["samples"]))] for kind in column["types"]]
    first, *others = samples or [[_text("")] * 5]
    return [cells + first, *([_text("")] * 4 + other for other in others)]


def _total(kind: Mapping[str, Any]) -> list[str]:
    name = f"{escape(kind['type'])} {escape(kind['zh'])}"
    shown = f"<td class=sensitive>{name}</td>" if kind["sensitive"] else f"<td>{name}</td>"
    return [shown, _number(kind["count"]), _text(kind["gb_t_35273"]), _text(kind["gb_t_45574"] or "–")]


def _quarantine(counts: Mapping[str, int]) -> str:
    if not any(counts.values()):
        return ""
    listed = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if count)
    return f"<p class=sensitive>Not read: {listed}. See quarantine.jsonl.</p>"


def _left_out(paths: Sequence[Mapping[str, str]]) -> str:
    if not paths:
        return ""
    rows = ([_text(path["path"]), _text(path["reason"])] for path in paths)
    return f"<h2>Left out</h2>{_table(('path', 'reason'), rows)}"


def _table(header: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in header)
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return f"<table><tr>{titles}</tr>{body}</table>"


def _number(number: int) -> str:
    return f"<td class=number>{number:,}</td>"


def _text(text: str) -> str:
    return f"<td>{escape(text)}</td>"
