"""The table of suites: public test sets as they are published, and this project's own, for `pii-sft eval --suite`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from data_builders.sources.files import hashes
from data_builders.sources.msra.read import read_msra
from data_builders.sources.own.labelled import LabelledText
from data_builders.sources.published import cluener, pii_bench_zh, presidio_research
from data_builders.sources.published.labels import Labels, as_examples
from data_builders.sources.uner import Uner
from data_builders.sources.written import Written
from data_builders.splits import Split
from eval.suites import OpenSuite, open_suite
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES, EntityType

Read = Callable[[Path, str, Counter[str]], Iterable[Example]]
"""Gives the examples of a file, which is the part of that name; the report counts the values that are left out."""


@dataclass(frozen=True, slots=True)
class PublishedSuite:
    """A test set in files of the folder `folder`, a part a file; `types` are those of which it may mark any.

    `parts` has the patterns of each file, as of `Path.glob` and anywhere below the folder; the first that fits counts.
    """

    folder: str
    parts: Mapping[str, tuple[str, ...]]
    read: Read
    types: Sequence[EntityType] = ALL_TYPES

    def files(self, data: Path | None) -> dict[str, Path]:
        """Its files by part. Raises DataError when one is missing, or several fit a pattern."""
        if data is None:
            raise DataError(f"needs --data, the folder that has a folder {self.folder} with its files")
        return {part: self._file(data, patterns) for part, patterns in self.parts.items()}

    def _file(self, data: Path, patterns: Sequence[str]) -> Path:
        place = f"the folder {self.folder} in that of --data"
        for pattern in patterns:
            files = [file for file in (data / self.folder).rglob(pattern) if file.is_file()]
            if len(files) > 1:
                raise DataError(f"{place} has {len(files)} files {pattern}; leave one")
            if files:
                return files[0]
        raise DataError(f"{place} has no file {' or '.join(patterns)}")

    def examples(self, data: Path | None, report: Counter[str]) -> Iterator[Example]:
        """Its examples; `report` counts the values that are left out. Raises DataError with file and line."""
        for part, file in self.files(data).items():
            yield from self.read(file, part, report)


@dataclass(frozen=True, slots=True)
class OwnSuite:
    """A test set that the package holds or generates: with the methods of `PublishedSuite`, but without files."""

    make: Callable[[], Iterator[Example]]
    types: Sequence[EntityType] = DEFAULT_TYPES

    def files(self, data: Path | None) -> dict[str, Path]:
        """None."""
        return {}

    def examples(self, data: Path | None, report: Counter[str]) -> Iterator[Example]:
        """Its examples."""
        return self.make()


Suite = PublishedSuite | OwnSuite


def _labelled(name: str, read: Callable[[Path], Iterator[LabelledText]], labels: Labels) -> Read:
    return lambda file, part, report: as_examples(read(file), labels, name, part, report)


def _msra(file: Path, part: str, report: Counter[str]) -> Iterator[Example]:
    return read_msra(file)


def _uner(file: Path, part: str, report: Counter[str]) -> Iterator[Example]:
    return Uner().read(file, report)


def _written() -> Iterator[Example]:
    yield from Written().open({}, seed=0).candidates[Split.VALIDATION]


def _synthetic(size: int, seed: int, near_misses: bool) -> Callable[[], Iterator[Example]]:
    def make() -> Iterator[Example]:
        from data_builders.synth.generate import generate  # loads dictionaries and the templates

        return _each_once(generate(Split.TEST, size, seed, near_misses))

    return make


def _each_once(examples: Iterable[Example]) -> Iterator[Example]:
    """The examples without those whose text came before."""
    seen = set[str]()
    for example in examples:
        if example.document.text not in seen:
            seen.add(example.document.text)
            yield example


_PII_BENCH_ZH = {
    "formal": ("formal.jsonl", "pii_bench_zh.jsonl"),
    "chat": ("chat.jsonl", "pii_bench_zh_chat.jsonl"),
}
_PRESIDIO = {"synthetic": ("synth_dataset_v2.json", "*.json")}

SUITES: Mapping[str, Suite] = {
    "msra": PublishedSuite("msra", {"test": ("test.bio", "test/*.parquet")}, _msra),
    "uner": PublishedSuite("uner", {"dev": ("zh_gsdsimp-ud-dev.iob2",)}, _uner),
    "uner_test": PublishedSuite("uner", {"test": ("zh_gsdsimp-ud-test.iob2",)}, _uner),
    "pii_bench_zh": PublishedSuite(
        "pii_bench_zh",
        _PII_BENCH_ZH,
        _labelled("pii_bench_zh", pii_bench_zh.read_pii_bench_zh, pii_bench_zh.LABELS),
    ),
    "cluener": PublishedSuite(
        "cluener", {"dev": ("dev.json",)}, _labelled("cluener", cluener.read_cluener, cluener.LABELS)
    ),
    "presidio_research": PublishedSuite(
        "presidio_research",
        _PRESIDIO,
        _labelled("presidio_research", presidio_research.read_presidio_research, presidio_research.LABELS),
    ),
    "written": OwnSuite(_written),
    "synthetic": OwnSuite(_synthetic(2000, 0, near_misses=False)),
    "near_misses": OwnSuite(_synthetic(1000, 12, near_misses=True)),
}
"""Each suite by its name: a new one is a line here, and a reader where its form is new."""


def suite_named(name: str) -> Suite:
    """The suite of that name. Raises DataError, which lists the names."""
    if name not in SUITES:
        raise DataError(f"{name}: not a suite; choose one of {', '.join(SUITES)}")
    return SUITES[name]


def open_named(
    name: str, data: Path | None, out: Path, types: Sequence[EntityType] | None, limit: int | None
) -> OpenSuite:
    """Read the suite `name`, whose files are below the folder `data`, into the folder `out/name`.

    Scored are those of `types` (None: of all, of our own test sets those on by default) that it marks. Raises DataError
    for a missing file and, with file and line, for one that is not in its form.
    """
    suite, left_out = suite_named(name), Counter[str]()
    digests = hashes(suite.files(data).values())
    return open_suite(name, suite.examples(data, left_out), out / name, types or suite.types, limit, digests, left_out)
