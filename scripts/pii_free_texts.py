"""Writes texts without personal data, as a dataset on which `pii-sft eval` shows how many stay without a detection.

    python scripts/pii_free_texts.py OUT.jsonl [--dialogue FILE]

Sources: `negative`, synthetic texts of the test split without a value; `code`, functions of Python's standard library;
`english` and `chinese`, written texts without a value that no training uses; with `--dialogue`, `dialogue`: the lines
of a JSONL file with `id` and `text`, such as the travel utterances of KdConv (https://github.com/thu-coai/KdConv), but
for those that a reader of them found not to be free: with a phone number, an address, or somebody's name.
"""

import argparse
import ast
import json
import random
import re
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from data_builders.sources.written import FOLDER, Written, split_of
from data_builders.splits import Split
from data_builders.synth.generate import generate
from schemas.spans.entity import Document, Example
from schemas.spans.record import write_records
from schemas.taxonomy import DEFAULT_TYPES

FUNCTIONS, NEGATIVES, UTTERANCES = 200, 400, 1200
SEED = 3
_NOT_FREE = re.compile(
    r"[0-9]{7}|[0-9]{3,4}-[0-9]{7,8}|[0-9一二三四五六七八九十]号"
    r"|[区县][^,，。]{1,6}(?:[乡镇]|大街|路)|出生"
    r"|和珅|永璘|奕訢|闫士杰|曹梅|马未都|李连元|孟京辉|伏羲|黄帝"
)
"""A phone number, the address of a sight or hotel, a birth date, and who is named in the descriptions of sights."""


def code() -> Iterator[Example]:
    """Functions of 200 to 1,200 characters without an e-mail address, at most two a module."""
    rng = random.Random(SEED)
    found = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        source = path.read_text(encoding="utf-8")
        functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
        texts = [text for node in functions if (text := ast.get_source_segment(source, node))]
        usable = [text for text in texts if 200 < len(text) < 1200 and "@" not in text]
        found += [(f"{path.stem}-{number}", text) for number, text in enumerate(usable[:2])]
    for name, text in rng.sample(found, min(FUNCTIONS, len(found))):
        yield plain("code", name, text)


def negatives() -> Iterator[Example]:
    """Synthetic texts of the test split that name nobody."""
    made = generate(Split.TEST, NEGATIVES * 12, SEED)
    clean = {example.document.text: example for example in made if not example.entities}
    for example in list(clean.values())[:NEGATIVES]:
        yield plain("negative", example.document.id, example.document.text)


def written() -> Iterator[Example]:
    """The texts of the written corpus's validation part that hold no value."""
    for example in Written().read(FOLDER, Counter()):
        text = example.document.text
        if not example.entities and split_of(text) is Split.VALIDATION:
            yield plain("english" if text.isascii() else "chinese", example.document.id, text)


def dialogue(path: Path) -> Iterator[Example]:
    """Utterances of a JSONL file, of KdConv those about travel, in which hardly anybody is named."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["id"].startswith("travel")] or rows
    rows = [row for row in rows if not _NOT_FREE.search(row["text"])]
    for row in random.Random(SEED).sample(rows, min(UTTERANCES, len(rows))):
        yield plain("dialogue", row["id"], row["text"])


def plain(source: str, name: str, text: str) -> Example:
    """A text in which no default type stands."""
    return Example(Document(f"{source}-{name}", text), (), source, annotated=DEFAULT_TYPES)


def main() -> None:
    """Write the dataset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--dialogue", type=Path)
    arguments = parser.parse_args()
    examples = [*negatives(), *code(), *written(), *(dialogue(arguments.dialogue) if arguments.dialogue else ())]
    write_records(arguments.out, examples)
    print(f"{arguments.out}: {dict(Counter(example.source for example in examples))}")


if __name__ == "__main__":
    main()
