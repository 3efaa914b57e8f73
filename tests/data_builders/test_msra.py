from pathlib import Path

import pytest

from data_builders.msra import ANNOTATED, read_msra
from schemas.entity import Entity
from schemas.errors import DataError
from schemas.taxonomy import EntityType

REAL = Path(__file__).parents[3] / "shared" / "data" / "msra"


def write(path: Path, *sentences: str) -> Path:
    """Each sentence is `char/tag` items joined by spaces."""
    blocks = ["\n".join(item.replace("/", "\t") for item in sentence.split(" ")) + "\n" for sentence in sentences]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def test_reads_sentences_and_spans(tmp_path: Path) -> None:
    path = write(tmp_path / "a.bio", "江/B-PER 南/I-PER 在/O 上/B-LOC 海/I-LOC", "好/O")
    first, second = read_msra(path)
    assert first.document.text == "江南在上海"
    assert first.entities == (Entity(0, 2, EntityType.PERSON_NAME), Entity(3, 5, EntityType.LOCATION))
    assert (second.document.text, second.entities) == ("好", ())
    assert first.annotated == ANNOTATED


def test_touching_spans_of_one_type_stay_apart(tmp_path: Path) -> None:
    (example,) = read_msra(write(tmp_path / "a.bio", "江/B-PER 南/I-PER 石/B-PER 磊/I-PER"))
    assert example.entities == (Entity(0, 2, EntityType.PERSON_NAME), Entity(2, 4, EntityType.PERSON_NAME))


def test_inside_tag_that_continues_nothing_opens_an_entity(tmp_path: Path) -> None:
    (example,) = read_msra(write(tmp_path / "a.bio", "京/I-LOC 张/I-PER 三/I-PER"))
    assert example.entities == (Entity(0, 1, EntityType.LOCATION), Entity(1, 3, EntityType.PERSON_NAME))


@pytest.mark.parametrize("line", ["张 B-PER", "张\tB-XXX", "张\tS-PER", "张三\tO", "张\t"])
def test_malformed_line_names_file_and_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.bio"
    path.write_text(f"好\tO\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"bad\.bio:2: expected"):
        list(read_msra(path))


def test_missing_file_and_wrong_encoding_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.bio"):
        list(read_msra(tmp_path / "none.bio"))
    (tmp_path / "gbk.bio").write_bytes("张\tO\n".encode("gbk"))
    with pytest.raises(DataError, match=r"gbk\.bio"):
        list(read_msra(tmp_path / "gbk.bio"))


@pytest.mark.skipif(not REAL.is_dir(), reason="the MSRA files are not part of the project")
@pytest.mark.parametrize(("name", "sentences", "entities"), [("train", 45_000, 75_059), ("test", 3_442, 6_190)])
def test_real_corpus_counts(name: str, sentences: int, entities: int) -> None:
    examples = list(read_msra(REAL / f"{name}.bio"))
    assert len(examples) == sentences
    assert sum(len(example.entities) for example in examples) == entities
