"""Reader of MSRA NER (Levow 2006) in character-per-line BIO files."""

from collections.abc import Iterator
from pathlib import Path

from schemas.entity import Document, Entity, Example
from schemas.errors import DataError
from schemas.taxonomy import EntityType

TYPES: dict[str, EntityType] = {
    "PER": EntityType.PERSON_NAME,
    "LOC": EntityType.LOCATION,
    "ORG": EntityType.ORGANIZATION,
}
"""MSRA's labels and ours; MSRA marks nothing else."""

ANNOTATED = tuple(TYPES.values())


def read_msra(path: Path) -> Iterator[Example]:
    """Yield one example per sentence of a BIO file (`character TAB tag`, blank line between sentences).

    Raises DataError with file and line for an unreadable file, a malformed line or an unknown tag.
    """
    for number, rows in enumerate(_sentences(path), start=1):
        document = Document(f"{path.stem}-{number}", "".join(char for char, _ in rows))
        yield Example(document, _entities([tag for _, tag in rows]), source="msra", family="news", annotated=ANNOTATED)


def _sentences(path: Path) -> Iterator[list[tuple[str, str]]]:
    rows: list[tuple[str, str]] = []
    try:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    rows.append(_parse(line.rstrip("\r\n"), f"{path}:{number}"))
                elif rows:
                    yield rows
                    rows = []
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text: {error}") from error
    if rows:
        yield rows


def _parse(line: str, place: str) -> tuple[str, str]:
    char, _, tag = line.partition("\t")
    prefix, _, label = tag.partition("-")
    if len(char) != 1 or not (tag == "O" or (prefix in ("B", "I") and label in TYPES)):
        raise DataError(f"{place}: expected one character, a tab and O, B-x or I-x with x in {', '.join(TYPES)}")
    return char, tag


def _entities(tags: list[str]) -> tuple[Entity, ...]:
    """Spans of BIO tags; an I- that continues nothing opens an entity, as conlleval has it."""
    starts = [
        index
        for index, tag in enumerate(tags)
        if tag[0] == "B" or (tag[0] == "I" and (index == 0 or tags[index - 1][2:] != tag[2:]))
    ]
    return tuple(Entity(start, _end(tags, start), TYPES[tags[start][2:]]) for start in starts)


def _end(tags: list[str], start: int) -> int:
    end = start + 1
    while end < len(tags) and tags[end] == f"I-{tags[start][2:]}":
        end += 1
    return end
