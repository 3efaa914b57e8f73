"""The interface that every engine has: texts in, predictions out; and what is known of one that is loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Protocol, Self

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

_SMALL = 1 << 28
"""Bytes of a file whose content is digested; of bigger ones size and time are."""
_CHECKS = ("phonenumberslite", "python-stdnum")
"""Packages by which `schemas.formats` checks numbers, whoever finds them."""


class Engine(Protocol):
    """Anything that finds entities: the tagger, the rules, both together, an LLM, another tool."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order; `types` limits the search (default: the default-on types).

        Raises InvalidTextError for a text with lone surrogates.
        """
        ...

    def with_bias(self, log_odds: float) -> Engine:
        """The same engine with `log_odds` (natural logarithm) added in favour of an entity: above 0 it finds more."""
        ...


Detect = Callable[[Sequence[str]], list[Prediction]]
"""Gives one prediction a text, in order: an engine, of which no more is asked."""


class Find(Protocol):
    """Gives one prediction a text, in order: an engine with all that is asked of it."""

    def __call__(self, texts: Sequence[str], names: Sequence[str] = (), /) -> list[Prediction]:
        """The predictions of `texts`; where these are values, `names` are those of their fields or columns, "" none."""
        ...


class UnbiasedEngine:
    """Base of engines that cannot trade precision for recall: a bias leaves them as they are."""

    def with_bias(self, log_odds: float) -> Self:
        """Itself."""
        return self


@dataclass(frozen=True, slots=True)
class LoadedEngine:
    """An engine that is ready, and what is known of it.

    `description` says in a few words what runs where. Its predictions depend on the source of the modules and packages
    `code` and on the model files in `files` (files or folders); `versions` are those of other packages that it asks.
    `width` texts are answered side by side, so that a batch should not be smaller.
    """

    engine: Engine
    description: str
    code: tuple[ModuleType, ...]
    files: tuple[Path, ...] = ()
    versions: tuple[str, ...] = ()
    width: int = 1

    @property
    def identity(self) -> str:
        """A digest of all that the predictions depend on: 16 hexadecimal digits, then the versions.

        Predictions of one identity are never taken for those of another.
        """
        import schemas

        digest = hashlib.sha256()
        for file in _sources((schemas, *self.code)):
            digest.update(file.read_bytes())
        for file in _files(self.files):
            digest.update(f"{file.name}\n".encode() + hashlib.sha256(_content(file)).digest())
        return ", ".join([digest.hexdigest()[:16], *installed(*_CHECKS), *self.versions])


def installed(*packages: str) -> tuple[str, ...]:
    """The packages with their versions, of which predictions may depend as well."""
    return tuple(f"{package} {version(package)}" for package in packages)


def _sources(modules: Iterable[ModuleType]) -> list[Path]:
    """The Python files of modules and packages, and the word lists of packages, each once."""
    paths: dict[Path, None] = {}
    for module in modules:
        file = Path(module.__file__ or "")
        whole = [*file.parent.rglob("*.py"), *file.parent.rglob("*.txt")]
        paths |= dict.fromkeys(sorted(whole) if file.name == "__init__.py" else [file])
    return list(paths)


def _files(places: Iterable[Path]) -> list[Path]:
    """The files at `places`, and those directly in folders."""
    listed = [sorted(place.iterdir()) if place.is_dir() else [place] for place in places]
    return [file for files in listed for file in files if file.is_file()]


def _content(file: Path) -> bytes:
    status = file.stat()
    return file.read_bytes() if status.st_size <= _SMALL else f"{status.st_size} {status.st_mtime_ns}".encode()
