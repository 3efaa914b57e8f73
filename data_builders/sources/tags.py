"""Tagged tokens, as MSRA NER and Universal NER have them: BIO, BIOES and BMES tags, and Parquet files of both."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from data_builders.sources.tables import read_features, read_rows
from schemas.errors import DataError
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType

TYPES: dict[str, EntityType] = {
    "PER": EntityType.PERSON_NAME,
    "LOC": EntityType.LOCATION,
    "ORG": EntityType.ORGANIZATION,
    "NR": EntityType.PERSON_NAME,
    "NS": EntityType.LOCATION,
    "NT": EntityType.ORGANIZATION,
}
"""The corpora's labels and ours; copies of MSRA tagged BMES often name the labels by parts of speech (nr, ns, nt)."""

ANNOTATED = tuple(dict.fromkeys(TYPES.values()))
"""The types that these corpora mark; they mark nothing else."""

TAGS = frozenset({"O", *(f"{prefix}-{label}" for prefix in "BIMES" for label in TYPES)})
"""Every tag of the schemes."""

EXPECTED = f"O or B-x, I-x, M-x, E-x, S-x with x in {', '.join(TYPES)}"
"""`TAGS` in words, for messages."""


def entities_of(tags: Sequence[str]) -> tuple[Entity, ...]:
    """The entities of one tag per token, each one of `TAGS`; positions count tokens."""
    return tuple(Entity(start, end, TYPES[label]) for start, end, label in spans_of(tags))


def spans_of(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Start, end and label of each entity of one tag per token, O or `prefix-label`; positions count tokens.

    As in conlleval (CoNLL-2000), B and S open an entity, E and S close one, and an I, M or E that continues nothing
    opens one; so touching entities of one type stay apart.
    """
    for start, tag in enumerate(tags):
        if tag != "O" and not _continues(tags, start):
            yield start, _end(tags, start), tag[2:]


def _continues(tags: Sequence[str], index: int) -> bool:
    """Whether the tag at `index` carries on the entity of the tag before it."""
    before, tag = tags[index - 1] if index else "O", tags[index]
    return tag[0] in "IME" and before[0] in "BIM" and before[2:] == tag[2:]


def _end(tags: Sequence[str], start: int) -> int:
    end = start + 1
    while end < len(tags) and _continues(tags, end):
        end += 1
    return end


def read_tagged_parquet(file: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield (place, tokens, tags) for each row of a file with the columns `tokens` and `ner_tags` (numbers).

    The names of the numbers are those that the library `datasets` writes into a file's metadata. Empty rows, with which
    the hub's exports end, are passed over. Raises DataError with file and row, or for metadata without tag names.
    """
    names: list[str] | None = None
    for place, row in read_rows(file):
        tokens, tags = row.get("tokens"), row.get("ner_tags")
        if tokens == []:
            continue
        if not isinstance(tokens, list) or not isinstance(tags, list) or len(tokens) != len(tags):
            raise DataError(f"{place}: expected lists tokens and ner_tags of one length")
        if not all(isinstance(token, str) and token for token in tokens):
            raise DataError(f"{place}: expected tokens of one character or more")
        names = names or _tag_names(file)
        if not all(isinstance(tag, int) and 0 <= tag < len(names) for tag in tags):
            raise DataError(f"{place}: expected ner_tags from 0 to {len(names) - 1}")
        yield place, tokens, [names[tag] for tag in tags]


def _tag_names(file: Path) -> list[str]:
    features = read_features(file)
    names = getattr(getattr(features.get("ner_tags"), "feature", None), "names", None)
    if not isinstance(names, list):
        raise DataError(f"{file}: the metadata has no names of ner_tags; use the hub's export, refs/convert/parquet")
    unknown = [name for name in names if name not in TAGS]
    if unknown:
        raise DataError(f"{file}: the metadata names the tags {unknown}; expected {EXPECTED}")
    return names
