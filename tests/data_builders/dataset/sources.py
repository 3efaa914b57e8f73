"""Small sources, and recipes of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

from data_builders.dataset.recipe import Recipe

SURNAMES, PLACES = "赵钱孙李周吴郑王冯陈褚卫", ["江陵", "洛浦", "云台", "青浦", "白沙"]
VERBS = ["昨天到了", "今年离开", "一直住在", "从来没有去过", "终于回到", "打算搬去", "写信寄往", "在电话里谈起"]
ENDINGS = ["，大家都很高兴", "，谁也没有想到", "，这件事后来传开了", "，报上登了消息", "，路上走了三天", "，雨下得很大"]


def write_msra(folder: Path) -> Path:
    """A folder with train and test in MSRA's form: 240 sentences, each with a person and a place."""
    folder.mkdir()
    parts = [(s, p, v, e) for s in SURNAMES for p in PLACES for v in VERBS for e in ENDINGS]
    for name, chosen in (("train", parts[::13]), ("test", parts[5::97])):
        sentences = []
        for surname, place, verb, ending in chosen:
            rows = [(surname, "B-PER"), ("某", "O"), *((char, "O") for char in verb)]
            rows += [(place[0], "B-LOC"), (place[1], "I-LOC"), *((char, "O") for char in ending)]
            sentences.append("".join(f"{char}\t{tag}\n" for char, tag in rows))
        (folder / f"{name}.bio").write_text("\n".join(sentences), encoding="utf-8")
    return folder


def recipe(folder: Path, **changes: Any) -> Recipe:
    fields = {
        "seed": 3,
        "validation": 0.1,
        "test": 0.1,
        "sources": {
            "msra": {"count": 100, "path": folder / "msra"},
            "ai4privacy": {"count": 100, "path": folder / "openpii.jsonl"},
            "synthetic": {"count": 150},
            "general": {"count": 12, "path": folder / "turns.jsonl"},
        },
    }
    return Recipe.model_validate(fields | changes)


def files(folder: Path) -> dict[str, str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
