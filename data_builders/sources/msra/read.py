"""Reader of MSRA's files: one character a line, or the hub's Parquet export."""

from collections.abc import Iterator
from pathlib import Path

from data_builders.sources.tables import read_lines
from data_builders.sources.tags import ANNOTATED, EXPECTED, TAGS, entities_of, read_tagged_parquet
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
    for place, tokens, tags in read_tagged_parquet(file):
        if any(len(token) != 1 for token in tokens):
            raise DataError(f"{place}: expected tokens of one character")
        yield "".join(tokens), tags
