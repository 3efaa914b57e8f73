"""Suites: test sets of which each is scored on the types that it marks, and all results of one command."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.dataset import TEST_FILE, Dataset, open_dataset
from eval.figures import Figures
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.spans.record import write_records
from schemas.taxonomy import ALL_TYPES, EntityType


@dataclass(frozen=True, slots=True)
class OpenSuite:
    """A test set that was read: its rows, the types that are scored, and what is told of it.

    `files` are the SHA-256 of the files that it was read from, by name. `left_out` counts values that are not scored,
    by what they are.
    """

    name: str
    dataset: Dataset
    types: tuple[EntityType, ...]
    files: Mapping[str, str]
    left_out: Mapping[str, int]


def open_suite(
    name: str,
    examples: Iterable[Example],
    folder: Path,
    types: Sequence[EntityType],
    limit: int | None,
    files: Mapping[str, str],
    left_out: Mapping[str, int],
) -> OpenSuite:
    """Write `examples` to the dataset folder `folder` and open it; scored are those of `types` that they annotate.

    Without `files`, the written rows stand for them. `left_out` may grow while `examples` are read. Raises DataError
    where none of `types` is annotated, or what reading and writing raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_records(folder / TEST_FILE, examples)
    dataset = open_dataset(folder, limit)
    annotated = {kind for example in dataset for kind in example.annotated}
    scored = tuple(kind for kind in ALL_TYPES if kind in annotated.intersection(types))
    if not scored:
        raise DataError("marks none of the types that are asked for")
    rows = {f"{folder.name}/{TEST_FILE}": hashlib.sha256(dataset.path.read_bytes()).hexdigest()}
    return OpenSuite(name, dataset, scored, files or rows, dict(left_out))


@dataclass(frozen=True, slots=True)
class SystemVersion:
    """What a system is: its spec, what runs where, and what tells it from other versions."""

    spec: str
    description: str
    identity: str


@dataclass(frozen=True, slots=True)
class SuiteResults:
    """The results of one command.

    `measured` are the suites with their figures, all of the same systems in the same order. `unread` and `unloaded` say
    of other suites and systems why they were not measured. `machine` is `eval.speed.machine.environment`.
    """

    systems: tuple[SystemVersion, ...]
    measured: tuple[tuple[OpenSuite, Figures], ...]
    unread: Mapping[str, str]
    unloaded: Mapping[str, str]
    machine: Mapping[str, str | int | None]

    @property
    def gaps(self) -> dict[str, str]:
        """What was not measured, and why."""
        return {**self.unread, **self.unloaded}
