"""Small invented files in the forms of public test sets."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.data_builders.sources import uner_files

BENCH = {
    "id": "zh_1",
    "text": "傅杰电话13800138000",
    "lang": "zh",
    "entities": [
        {"text": "傅杰", "type": "person", "start": 0, "end": 2},
        {"text": "13800138000", "type": "phone", "start": 4, "end": 15},
    ],
}
"""A row as the hub has it."""

COPY = {
    "id": "zh_chat_1",
    "text": "发到a@b.com",
    "entities": [{"type": "EMAIL", "value": "a@b.com", "start": 2, "end": 9}],
}
"""A row of a copy with our names."""

CLUE = {
    "text": "总裁沈东、沈东的银行",
    "label": {
        "name": {"沈东": [[2, 3], [5, 6]]},
        "position": {"总裁": [[0, 1]]},
        "company": {"沈东的银行": [[5, 9]]},
        "scene": {"银行": [[8, 9]]},
    },
}

SAMPLE = {
    "full_text": "Dr. Ann Lee\nof Acme",
    "masked": "{{TITLE}} {{PERSON}}\nof {{ORGANIZATION}}",
    "spans": [
        {"entity_type": "ORGANIZATION", "entity_value": "Acme", "start_position": 15, "end_position": 19},
        {"entity_type": "PERSON", "entity_value": "Ann Lee", "start_position": 4, "end_position": 11},
        {"entity_type": "TITLE", "entity_value": "Dr.", "start_position": 0, "end_position": 3},
    ],
    "template_id": 1,
    "metadata": None,
}
EMPTY = {"full_text": "What are my options?", "spans": [], "template_id": 2, "metadata": None}


def write_lines(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_list(path: Path, rows: Sequence[Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=4), encoding="utf-8")
    return path


def write_all(folder: Path) -> Path:
    """One file of each part of every published suite, where a reader would put it."""
    write_lines(folder / "pii_bench_zh" / "data" / "pii_bench_zh.jsonl", BENCH)
    write_lines(folder / "pii_bench_zh" / "chat.jsonl", COPY)
    write_lines(folder / "cluener" / "dev.json", CLUE)
    write_list(folder / "presidio_research" / "data" / "synth_dataset_v2.json", [SAMPLE, EMPTY])
    for name in ("msra", "uner"):
        (folder / name).mkdir(parents=True)
    (folder / "msra" / "test.bio").write_text("中\tB-ORG\n共\tI-ORG\n说\tO\n\n好\tO\n", encoding="utf-8")
    for part in ("dev", "test"):
        uner_files.write(folder / "uner" / f"zh_gsdsimp-ud-{part}.iob2", *uner_files.SENTENCES)
    return folder
