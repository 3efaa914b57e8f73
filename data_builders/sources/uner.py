"""The source UNER: Universal NER's Chinese Wikipedia sentences (Mayhew et al. 2024, https://aclanthology.org/2024.naacl-long.243).

It is Universal Dependencies' treebank GSDSimp with persons, places and organisations marked. Words stand one a line, so
that the text is put together again: a space stands only between two words in Latin script.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import ClassVar

from data_builders.sources.files import hashes, local_or_hub
from data_builders.sources.source import Corpus, FileSource, Traits
from data_builders.sources.tables import read_lines
from data_builders.sources.tags import ANNOTATED, EXPECTED, TAGS, entities_of, read_tagged_parquet
from data_builders.splits import Split
from schemas.errors import DataError
from schemas.spans.entity import Document, Entity, Example

REPOSITORY, REVISION = "universalner/universal_ner", "refs/convert/parquet"
_CORPUS = "zh_gsdsimp"
_NAMES = {Split.TRAIN: ("train",), Split.VALIDATION: ("dev", "validation")}
"""What the files, or the export's folders, of each split are called; the test part is kept for evaluation."""


class Uner(FileSource):
    """Universal NER: `path` is a folder with files of Chinese sentences (IOB2); without it, the hub's export."""

    traits: ClassVar[Traits] = Traits(shares_values=True, whole=True, separator="")
    convert_help: ClassVar[str] = "convert Universal NER"
    path_help: ClassVar[str] = "file or folder: IOB2 lines, or Parquet"

    @property
    def licence(self) -> str:
        """With the attribution that it asks for."""
        return (
            "Universal NER v1, zh_gsdsimp (Mayhew et al. 2024, https://www.universalner.org), over Universal "
            "Dependencies Chinese GSDSimp: CC BY-SA 4.0; texts put together from words, labels mapped to our types"
        )

    def read(self, path: Path, report: Counter[str]) -> Iterator[Example]:
        """The sentences of a file, or of all files directly in a folder in the order of their names."""
        for file in _files(path):
            sentences = read_tagged_parquet(file) if file.suffix == ".parquet" else _read_iob2(file)
            for number, (_, words, tags) in enumerate(sentences, start=1):
                yield _example(f"uner-{file.stem}-{number}", words, tags)

    def locate(self) -> tuple[Path, dict[str, str]]:
        """The folder, or the part of the hub's export that holds the Chinese sentences."""
        patterns = [f"{_CORPUS}/{name}/*.parquet" for names in _NAMES.values() for name in names]
        folder, origin = local_or_hub(self.path, REPOSITORY, REVISION, patterns)
        return (folder if self.path else folder / _CORPUS), origin

    def open(self, wanted: Mapping[Split, int], seed: int) -> Corpus:
        """All sentences of the train and the development part."""
        folder, origin = self.locate()
        parts = {split: _part(folder, names) for split, names in _NAMES.items()}
        report: Counter[str] = Counter()
        rows = {split: self.read(path, report) for split, path in parts.items()}
        return Corpus(rows, {**origin, "sha256": hashes(parts.values())}, report)


def _part(folder: Path, names: Sequence[str]) -> Path:
    """The file or folder within `folder` whose name is, or after its last hyphen is, one of `names`."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.stem.rpartition("-")[2] in names:
            return path
    raise DataError(f"{folder}: no file or folder named {' or '.join(names)} for UNER (sources.uner.path)")


def _files(path: Path) -> list[Path]:
    files = sorted(path.glob("*.iob2")) + sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: the folder holds no file that ends in .iob2 or .parquet")
    return files


def _read_iob2(file: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Place, words and tags of each sentence."""
    place, words, tags = str(file), list[str](), list[str]()
    for place, line in read_lines(file):
        if not line.strip() and words:
            yield place, words, tags
            words, tags = [], []
        elif line.strip() and not line.startswith("#"):
            cells = line.rstrip("\r\n").split("\t")
            if len(cells) < 3 or not cells[1] or cells[2] not in TAGS:
                raise DataError(f"{place}: expected tab-separated number, word, and {EXPECTED}")
            words.append(cells[1])
            tags.append(cells[2])
    if words:
        yield place, words, tags


def _example(name: str, words: Sequence[str], tags: Sequence[str]) -> Example:
    pieces = [" " * _is_spaced(before, word) + word for before, word in zip(["", *words], words, strict=False)]
    ends = list(accumulate(map(len, pieces)))
    entities = (
        Entity(ends[span.start] - len(words[span.start]), ends[span.end - 1], span.type) for span in entities_of(tags)
    )
    return Example(Document(name, "".join(pieces)), tuple(entities), "uner", "wikipedia", ANNOTATED)


def _is_spaced(before: str, word: str) -> bool:
    return bool(before) and _is_latin(before[-1]) and _is_latin(word[0])


def _is_latin(char: str) -> bool:
    return unicodedata.name(char, "").startswith("LATIN ")
