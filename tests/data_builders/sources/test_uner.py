"""The reader of Universal NER: words put together again, tags by word."""

import json
from collections import Counter
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from data_builders.sources.uner import Uner
from data_builders.splits import Split
from schemas.errors import DataError
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T
from tests.data_builders.sources.uner_files import SENTENCES, write

REAL = Path(__file__).parents[4] / "shared" / "data" / "uner"
NAMES = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]


def export(path: Path, *sentences: str) -> Path:
    path.parent.mkdir(parents=True)
    pairs = [[item.rsplit("/", 1) for item in sentence.split(" ")] for sentence in sentences]
    columns = {
        "tokens": [[word for word, _ in sentence] for sentence in pairs],
        "ner_tags": [[NAMES.index(tag) for _, tag in sentence] for sentence in pairs],
    }
    info = {"features": {"ner_tags": {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "List"}}}
    table = pyarrow.table(columns).replace_schema_metadata({"huggingface": json.dumps({"info": info})})
    parquet.write_table(table, path)
    return path


def read(path: Path) -> list[Example]:
    return list(Uner(enabled=False).read(path, Counter()))


def spans(example: Example) -> list[tuple[T, str]]:
    return [(entity.type, example.document.text[entity.start : entity.end]) for entity in example.entities]


def test_words_are_put_together_with_spaces_between_latin_ones_only(tmp_path: Path) -> None:
    first, second = read(write(tmp_path / "zh-dev.iob2", *SENTENCES))
    assert first.document.text == "当《Game Informer》提到日本"
    assert spans(first) == [(T.LOCATION, "日本")]
    assert second.document.text == "千禧公园由Anish Kapoor与市政府王"
    assert spans(second) == [
        (T.LOCATION, "千禧公园"),
        (T.PERSON_NAME, "Anish Kapoor"),
        (T.ORGANIZATION, "市政府"),
        (T.PERSON_NAME, "王"),
    ]
    assert set(second.annotated) == {T.PERSON_NAME, T.LOCATION, T.ORGANIZATION}
    assert (first.document.id, first.source, first.family) == ("uner-zh-dev-1", "uner", "wikipedia")


def test_the_hubs_export_gives_the_same(tmp_path: Path) -> None:
    lines = read(write(tmp_path / "0000.iob2", *SENTENCES))
    assert read(export(tmp_path / "train" / "0000.parquet", *SENTENCES)) == lines


def test_train_and_dev_are_its_splits(tmp_path: Path) -> None:
    write(tmp_path / "zh_gsdsimp-ud-train.iob2", *SENTENCES)
    write(tmp_path / "zh_gsdsimp-ud-dev.iob2", SENTENCES[0])
    write(tmp_path / "zh_gsdsimp-ud-test.iob2", SENTENCES[1])
    corpus = Uner(path=tmp_path).open({}, seed=1)
    assert {split: len(list(rows)) for split, rows in corpus.candidates.items()} == {
        Split.TRAIN: 2,
        Split.VALIDATION: 1,
    }
    assert set(corpus.origin["sha256"]) == {"zh_gsdsimp-ud-train.iob2", "zh_gsdsimp-ud-dev.iob2"}
    with pytest.raises(DataError, match=r"named train for UNER \(sources\.uner\.path\)"):
        Uner(path=tmp_path / "none").open({}, seed=1)


@pytest.mark.parametrize("line", ["1\t王", "1\t\tO", "1\t王\tB-XXX", "王 O"])
def test_malformed_lines_are_named(tmp_path: Path, line: str) -> None:
    path = write(tmp_path / "bad.iob2", "好/O")
    path.write_text(path.read_text() + line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"bad\.iob2:5: expected"):
        read(path)


@pytest.mark.skipif(not REAL.exists(), reason="Universal NER is not here")
def test_the_real_corpus_has_its_published_size() -> None:
    train = read(REAL / "zh_gsdsimp-ud-train.iob2")
    counts = Counter(entity.type for example in train for entity in example.entities)
    assert len(train) == 3_997
    assert counts == {T.PERSON_NAME: 2_148, T.LOCATION: 2_858, T.ORGANIZATION: 1_112}


def test_a_source_can_be_narrowed_to_some_types() -> None:
    text = Document("1", "张三在上海")
    example = Example(
        text, (Entity(0, 2, T.PERSON_NAME), Entity(3, 5, T.LOCATION)), "uner", "wiki", (T.PERSON_NAME, T.LOCATION)
    )
    narrowed = Uner(types=(T.PERSON_NAME,)).narrowed(example)
    assert (narrowed.entities, narrowed.annotated) == ((Entity(0, 2, T.PERSON_NAME),), (T.PERSON_NAME,))
    assert Uner().narrowed(example) == example
