"""The source MSRA: its own test file is the test split, long sentences are cut."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import ClassVar

from data_builders.sources.draw import draw
from data_builders.sources.files import hashes, local_or_hub
from data_builders.sources.msra.read import REPOSITORY, REVISION, read_msra
from data_builders.sources.msra.split_long import split_long
from data_builders.sources.source import MARGIN, Corpus, FileSource, Traits
from data_builders.splits import Split
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType

_LONGEST = 600
"""Characters of a row; longer ones are cut at sentence ends."""


class Msra(FileSource):
    """MSRA NER: `path` is a folder with a train and a test file or folder; without it, the hub's export."""

    traits: ClassVar[Traits] = Traits(shares_values=True, separator="")
    convert_help: ClassVar[str] = "convert MSRA NER"
    path_help: ClassVar[str] = "file or folder: BIO or BMES lines, or Parquet"

    @property
    def licence(self) -> str:
        """Unknown."""
        return "MSRA NER (Levow 2006): licence unknown, research use; do not pass it on"

    def read(self, path: Path, report: Counter[str]) -> Iterator[Example]:
        """The sentences of a file or folder."""
        return read_msra(path)

    def locate(self) -> tuple[Path, dict[str, str]]:
        """The folder, or the hub's export of it."""
        return local_or_hub(self.path, REPOSITORY, REVISION, ["*.parquet"])

    def open(self, wanted: Mapping[Split, int], seed: int) -> Corpus:
        """Train and validation rows from the train file, test rows from the test file."""
        folder, origin = self.locate()
        files = {split: _split_path(folder, split) for split in (Split.TRAIN, Split.TEST)}
        counts = {Split.TRAIN: wanted[Split.TRAIN] + wanted[Split.VALIDATION], Split.TEST: wanted[Split.TEST]}
        candidates = {}
        for split, path in files.items():
            rows = chain.from_iterable(split_long(example, _LONGEST) for example in read_msra(path))
            candidates[split] = iter(draw(rows, round(counts[split] * MARGIN), seed))
        candidates[Split.VALIDATION] = candidates[Split.TRAIN]
        return Corpus(candidates, {**origin, "sha256": hashes(files.values())})

    def count_taken(self, rows: Sequence[Example]) -> Counter[str]:
        """How many strings the rows mark with more than one type."""
        return Counter({"strings that bear more than one label": len(conflicting_labels(rows))} if rows else {})


def conflicting_labels(examples: Iterable[Example]) -> dict[str, Counter[EntityType]]:
    """Count the labels of every string that the examples mark with two or more types, in order of appearance.

    MSRA's training file has 156 such strings: many names are a place here and an organisation there.
    """
    labels: defaultdict[str, Counter[EntityType]] = defaultdict(Counter)
    for example in examples:
        for entity in example.entities:
            labels[example.document.text[entity.start : entity.end]][entity.type] += 1
    return {value: counts for value, counts in labels.items() if len(counts) > 1}


def _split_path(folder: Path, split: Split) -> Path:
    """The file or folder within `folder` that is named after `split`."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder (sources.msra.path)")
    for path in sorted(folder.rglob("*")):
        if path.stem == split:
            return path
    raise DataError(f"{folder}: no file or folder named {split} for MSRA (sources.msra.path)")
