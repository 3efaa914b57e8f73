"""Reader of MSRA's files: one character a line, or the hub's Parquet export."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_builders.sources.msra.tags import ANNOTATED, EXPECTED, TAGS, entities_of
from data_builders.sources.tables import read_lines, read_rows
from schemas.errors import DataError
from schemas.spans.entity import Document, Example

REPOSITORY = "levow/msra_ner"
"""MSRA on the Hugging Face hub: an archived data set made of a loading script."""

REVISION = "refs/convert/parquet"
"""The hub's own Parquet export. This ref moves, so it pins nothing: the sha256 of the files read, in the build's
manifest, says what a build was made of."""

SUFFIXES = (".bio", ".bioes", ".bmeo", ".bmes", ".conll", ".parquet", ".tsv", ".txt")
"""The files that are read from a folder."""

Sentence = tuple[str, list[str]]
"""A text and one tag for each of its characters."""


def read_msra(path: Path) -> Iterator[Example]:
    """Yield one example per sentence of a file, or of all files below a folder in the order of their names.

    A `.parquet` file has the columns `tokens` (characters) and `ner_tags` (numbers, named by the file's own
    metadata); any other file has lines of a character, a tab or space and a BIO, BIOES or BMES tag, and blank lines
    between sentences. A folder is read whole: give the folder of one split. An id is the file's name, in a folder
    its path from that folder's name on, and the sentence's number. Raises DataError with file and line (or row) for an
    unreadable file, a folder without files, a malformed line or row, an unknown tag, or metadata without tag names.
    """
    for name, file in _files(path):
        sentences = _parquet(file) if file.suffix == ".parquet" else _lines(file)
        for number, (text, tags) in enumerate(sentences, start=1):
            document = Document(f"{name}-{number}", text)
            yield Example(document, entities_of(tags), source="msra", family="news", annotated=ANNOTATED)


def _files(path: Path) -> list[tuple[str, Path]]:
    if not path.is_dir():
        return [(path.stem, path)]
    files = [file for file in path.rglob("*") if file.suffix in SUFFIXES and file.is_file()]
    if not files:
        raise DataError(f"{path}: the folder holds no file that ends in {', '.join(SUFFIXES)}")
    names = {file: file.relative_to(path.parent).with_suffix("").as_posix().replace("/", "-") for file in files}
    return sorted((name, file) for file, name in names.items())


def _lines(file: Path) -> Iterator[Sentence]:
    text, tags = "", list[str]()
    for place, line in read_lines(file):
        if line.strip():
            char, tag = _parse(line.rstrip(), place)
            text += char
            tags.append(tag)
        elif tags:
            yield text, tags
            text, tags = "", []
    if tags:
        yield text, tags


def _parse(line: str, place: str) -> tuple[str, str]:
    char, separator, tag = line[:1], line[1:2], line[2:]
    if separator not in ("\t", " ") or tag not in TAGS:
        raise DataError(f"{place}: expected one character, a tab or space, and {EXPECTED}")
    return char, tag


def _parquet(file: Path) -> Iterator[Sentence]:
    names: list[str] | None = None
    for place, row in read_rows(file):
        names = names or _tag_names(file)
        if row.get("tokens") != []:  # the export ends each split with an empty row
            yield _sentence(row, names, place)


def _tag_names(file: Path) -> list[str]:
    """The names of the tag numbers, as the library `datasets` writes them into a Parquet file's metadata."""
    from pyarrow import parquet

    metadata = parquet.read_schema(file).metadata or {}
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        names = [str(name) for name in features["ner_tags"]["feature"]["names"]]
    except (KeyError, TypeError, ValueError):
        raise DataError(f"{file}: the metadata has no names of ner_tags; use the hub's export, {REVISION}") from None
    unknown = [name for name in names if name not in TAGS]
    if unknown:
        raise DataError(f"{file}: the metadata names the tags {unknown}; expected {EXPECTED}")
    return names


def _sentence(row: dict[str, Any], names: list[str], place: str) -> Sentence:
    tokens, tags = row.get("tokens"), row.get("ner_tags")
    if not isinstance(tokens, list) or not isinstance(tags, list) or len(tokens) != len(tags):
        raise DataError(f"{place}: expected lists tokens and ner_tags of one length")
    if not all(isinstance(token, str) and len(token) == 1 for token in tokens):
        raise DataError(f"{place}: expected tokens of one character")
    if not all(isinstance(tag, int) and 0 <= tag < len(names) for tag in tags):
        raise DataError(f"{place}: expected ner_tags from 0 to {len(names) - 1}")
    return "".join(tokens), [names[tag] for tag in tags]
