import pytest

from data_builders.dataset.concatenation import concatenate_neighbours
from schemas.errors import DataError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T


def numbered(count: int) -> list[Example]:
    entity = Entity(0, 2, T.PERSON_NAME)
    return [Example(Document(str(n), f"张三第{n}句"), (entity,), "synthetic") for n in range(count)]


def test_joining_loses_nothing_and_keeps_order() -> None:
    examples = numbered(500)
    joined = list(concatenate_neighbours(examples, "\n", seed=1))
    assert len(joined) < len(examples)
    assert "\n".join(x.document.text for x in joined) == "\n".join(x.document.text for x in examples)
    values = [x.document.text[e.start : e.end] for x in joined for e in x.entities]
    assert values == ["张三"] * 500


def test_same_seed_joins_alike() -> None:
    runs = [[x.document.text for x in concatenate_neighbours(numbered(50), "", seed=3)] for _ in range(2)]
    assert runs[0] == runs[1]


def test_neighbours_of_different_annotation_are_refused() -> None:
    partly = [Example(x.document, x.entities, x.source, annotated=(T.PERSON_NAME,)) for x in numbered(50)]
    mixed = [pair[index % 2] for index, pair in enumerate(zip(numbered(50), partly, strict=True))]
    with pytest.raises(DataError, match="different types"):
        list(concatenate_neighbours(mixed, "", seed=1))
