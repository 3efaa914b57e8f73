"""Rows in ai4privacy's form, and what the reader makes of them."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pii_sft
from data_builders.sources.ai4privacy.read import read_ai4privacy
from schemas.spans.entity import Example

REAL = Path(pii_sft.__file__).parent.parent.parent / "shared" / "data" / "ai4privacy"
Row = dict[str, Any]


def marked(pattern: str, version: str = "openpii-1.5m", **columns: Any) -> Row:
    """A row from a text with `{LABEL:value}` in it."""
    text, mask = "", []
    for index, item in enumerate(pattern.replace("}", "{").split("{")):
        label, _, value = item.partition(":") if index % 2 else ("", "", item)
        if label:
            mask.append({"label": label, "start": len(text), "end": len(text) + len(value), "value": value})
        text += value
    return {"source_text": text, "privacy_mask": mask, "uid": 7, "language": "en", **columns}


def read(row: Mapping[str, Any], version: str = "openpii-1.5m", place: str = "data/rows.jsonl:3") -> Example | None:
    return next(read_ai4privacy([(place, row)], ["en", "zh"], Counter(), version), None)


def counts(row: Mapping[str, Any], version: str = "openpii-1.5m") -> Counter[str]:
    report: Counter[str] = Counter()
    list(read_ai4privacy([("rows.jsonl:1", row)], ["en", "zh"], report, version))
    return report


def found(example: Example | None) -> list[tuple[str, str]]:
    assert example is not None
    text = example.document.text
    return [(str(entity.type), text[entity.start : entity.end]) for entity in example.entities]


def entities(pattern: str, version: str = "openpii-1.5m") -> list[tuple[str, str]]:
    return found(read(marked(pattern), version))


def real_rows(name: str, version: str) -> list[Example]:
    path = REAL / name
    with path.open(encoding="utf-8") as lines:
        rows = [(f"{path}:{number}", json.loads(line)) for number, line in enumerate(lines, start=1)]
    examples = list(read_ai4privacy(rows, ["English"], Counter(), version))
    assert len(examples) == len(rows)
    return examples
