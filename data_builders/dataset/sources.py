"""The sources of a recipe, as streams of candidate rows for each split."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from tqdm import tqdm

from data_builders.dataset.recipe import Ai4Privacy, Msra, Recipe
from data_builders.dataset.sample import draw
from data_builders.sources.ai4privacy.licence import check_licence, find_repository
from data_builders.sources.ai4privacy.loader import read_ai4privacy
from data_builders.sources.hub import fetch
from data_builders.sources.msra import REPOSITORY, REVISION, read_msra, split_long
from data_builders.sources.tables import read_rows
from data_builders.synth.generate import generate
from data_builders.synth.sampling import Split
from schemas.errors import DataError
from schemas.spans.entity import Example

_MARGIN = 1.5
"""How many more rows are drawn from a corpus than asked for, since cleaning refuses some."""
_SYNTHETIC_MARGIN = 4
_LONGEST = 600
"""Characters of an MSRA row; longer ones are cut at sentence ends."""
_AI4PRIVACY_FILES = ("*.jsonl", "*.csv", "*.parquet")


@dataclass(slots=True)
class Corpus:
    """Candidate rows of one source, and what the manifest says about where they come from."""

    candidates: dict[Split, Iterator[Example]]
    origin: dict[str, Any] = field(default_factory=dict)


def open_corpus(name: str, recipe: Recipe, wanted: dict[Split, int], report: Counter[str]) -> Corpus:
    """Open the source `name` of `recipe` with candidates for `wanted` rows a split.

    `report` takes counts of what a reader leaves out. Raises DataError, which names the source, when it cannot be read.
    """
    if name == "msra":
        return _msra(recipe.sources.msra, recipe.seed, wanted, report)
    if name == "ai4privacy":
        return _ai4privacy(recipe.sources.ai4privacy, recipe.seed, wanted, report)
    return _synthetic(recipe.seed, wanted)


def _msra(source: Msra, seed: int, wanted: dict[Split, int], report: Counter[str]) -> Corpus:
    folder = source.path or fetch(REPOSITORY, REVISION, ["*.parquet"])
    files = {split: _split_path(folder, split) for split in (Split.TRAIN, Split.TEST)}
    drawn = {}
    for split, path in files.items():
        count = wanted[split] + (wanted[Split.VALIDATION] if split == Split.TRAIN else 0)
        rows = chain.from_iterable(split_long(example, _LONGEST) for example in read_msra(path))
        drawn[split] = iter(draw(rows, round(count * _MARGIN), seed))
    drawn[Split.VALIDATION] = drawn[Split.TRAIN]
    hub = {} if source.path else {"repository": REPOSITORY, **_commit(REVISION, folder)}
    return Corpus(drawn, {**hub, "sha256": _hashes(files.values())})


def _split_path(folder: Path, split: Split) -> Path:
    """The file or folder within `folder` that is named after `split`."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder (sources.msra.path)")
    for path in sorted(folder.rglob("*")):
        if path.stem == split:
            return path
    raise DataError(f"{folder}: no file or folder named {split} for MSRA (sources.msra.path)")


def _ai4privacy(source: Ai4Privacy, seed: int, wanted: dict[Split, int], report: Counter[str]) -> Corpus:
    check_licence(source.repository, source.accept_license)
    repository = find_repository(source.repository)
    path = source.path or fetch(repository.name, source.revision, _AI4PRIVACY_FILES)
    lines = tqdm(read_rows(path), desc="reading ai4privacy", unit="row", mininterval=1)
    counts: Counter[str] = Counter()
    rows = read_ai4privacy(lines, source.languages, counts, repository.version)
    drawn = iter(draw(rows, round(sum(wanted.values()) * _MARGIN), seed))
    report.update({f"ai4privacy: {key}": count for key, count in counts.items()})
    hub = {"repository": repository.name} | ({} if source.path else _commit(source.revision, path))
    return Corpus(dict.fromkeys(Split, drawn), {**hub, "sha256": _hashes([path])})


def _commit(revision: str, snapshot: Path) -> dict[str, str]:
    """The revision asked for and the commit that the hub gave, after which its cache names the folder."""
    return {"revision": revision, "commit": snapshot.name}


def _synthetic(seed: int, wanted: dict[Split, int]) -> Corpus:
    return Corpus({split: generate(split, _SYNTHETIC_MARGIN * count, seed) for split, count in wanted.items()})


def _hashes(paths: Iterable[Path]) -> dict[str, str]:
    """SHA-256 of files, and of the files in folders, by name; a folder's own name does not count."""
    files = {}
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                name = file.relative_to(path).as_posix() if path.is_dir() else file.name
                files[name] = _sha256(file)
    return files


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{file}: {error.strerror}") from None
