"""The source own: files of doccano, Label Studio or in CoNLL's form, whose labels the recipe maps to our types."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from data_builders.sources.own.conll import read_conll
from data_builders.sources.own.doccano import read_doccano
from data_builders.sources.own.label_studio import read_label_studio
from data_builders.sources.own.labelled import LabelledText
from data_builders.sources.source import FileSource, Traits
from data_builders.sources.tags import TYPES
from schemas.errors import DataError, InvalidTextError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import ALL_TYPES, EntityType

_READERS: Mapping[str, Callable[[Path, str, Counter[str]], Iterator[LabelledText]]] = {
    ".jsonl": read_doccano,
    ".json": read_label_studio,
    **dict.fromkeys((".conll", ".bio", ".bioes", ".bmes", ".iob", ".iob2", ".tsv", ".txt"), read_conll),
}
"""Who reads which files, by their ending."""

_LABELS: Mapping[str, EntityType] = {
    **TYPES,
    **{kind.info.presidio: kind for kind in EntityType if kind.info.presidio},
    **{kind.info.zh.upper(): kind for kind in EntityType},
    **EntityType.__members__,
}
"""Labels that need no mapping, in capitals: the names of types here, in Chinese, in Presidio and in corpora."""


class Own(FileSource):
    """Your own annotated texts: `path` is a file or folder.

    `labels` says which type a label stands for, or null for a label that is left out; labels that are called like a
    type need no entry. `text` is the field of the text in JSON.
    """

    traits: ClassVar[Traits] = Traits(shares_values=True, has_markup=True)
    convert_help: ClassVar[str] = "convert texts that you annotated"
    path_help: ClassVar[str] = (
        "file or folder: doccano's .jsonl, Label Studio's .json, or CoNLL (.conll, .bio, .txt, ...)"
    )

    labels: dict[str, EntityType | None] = Field(default_factory=dict)
    text: str = "text"

    @property
    def licence(self) -> str:
        """Theirs."""
        return "own annotated texts of whoever built this dataset; their licence is not known here"

    def read(self, path: Path, report: Counter[str]) -> Iterator[Example]:
        """The texts of a file or folder; all of them annotate the types that the labels of any of them stand for.

        A text with labels of different types over the same characters is dropped, which `report` counts. Raises
        DataError with file and line, also for a label without a type.
        """
        annotated = self._annotated(path)
        for name, file in _files(path):
            for number, item in enumerate(self._read(file, report), start=1):
                entities = self._entities(item)
                if any(first.end > second.start for first, second in pairwise(entities)):
                    report["dropped: labels overlap"] += 1
                    continue
                document = _document(f"own-{name}-{number}", item)
                yield Example(document, tuple(entities), "own", file.stem, annotated)

    def _read(self, file: Path, report: Counter[str]) -> Iterator[LabelledText]:
        return _READERS[file.suffix.lower()](file, self.text, report)

    def _annotated(self, path: Path) -> tuple[EntityType, ...]:
        """The types of the recipe's labels and of all labels in the files. Raises DataError when there are none."""
        types = set(self.labels.values())
        for _, file in _files(path):
            for item in self._read(file, Counter()):
                types.update(self._type(label, item.place) for _, _, label in item.spans)
        if not types - {None}:
            raise DataError(f"{path}: has no label; name the types that it annotates in sources.own.labels")
        return tuple(kind for kind in ALL_TYPES if kind in types)

    def _type(self, label: str, place: str) -> EntityType | None:
        if label in self.labels:
            return self.labels[label]
        kind = _LABELS.get(label.strip().upper().replace(" ", "_").replace("-", "_"))
        if kind is None:
            told = f"add its type to sources.own.labels, as in {label}: PERSON_NAME, or null to leave it out"
            raise DataError(f"{place}: unknown label {label}; {told}")
        return kind

    def _entities(self, item: LabelledText) -> list[Entity]:
        """The entities in order, each once, without white space at their edges."""
        entities = set[Entity]()
        for start, end, label in item.spans:
            kind, value = self._type(label, item.place), item.text[start:end]
            if kind is not None and value.strip():
                start += len(value) - len(value.lstrip())
                entities.add(Entity(start, start + len(value.strip()), kind))
        return sorted(entities)


def _document(name: str, item: LabelledText) -> Document:
    try:
        return Document(name, item.text)
    except InvalidTextError as error:
        raise DataError(f"{item.place}: {error}") from None


def _files(path: Path) -> list[tuple[str, Path]]:
    """The files of a folder with their names in ids, in order. Raises DataError where there is none to read."""
    endings = ", ".join(_READERS)
    if not path.exists():
        raise DataError(f"{path}: no such file or folder (sources.own.path)")
    if not path.is_dir():
        if path.suffix.lower() not in _READERS:
            raise DataError(f"{path}: unknown kind of file; it must end in {endings}")
        return [(path.name, path)]
    files = sorted(file for file in path.rglob("*") if file.suffix.lower() in _READERS and file.is_file())
    if not files:
        raise DataError(f"{path}: the folder holds no file that ends in {endings}")
    return [(file.relative_to(path).as_posix(), file) for file in files]
