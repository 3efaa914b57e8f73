"""The reader of texts with inline marks."""

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from data_builders.sources.written import Written, split_of
from data_builders.splits import Split
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.taxonomy import DEFAULT_TYPES
from schemas.taxonomy import EntityType as T


def write(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def read(path: Path, report: Counter[str] | None = None) -> list[Example]:
    return list(Written(enabled=False).read(path, Counter() if report is None else report))


def spans(example: Example) -> list[tuple[T, str]]:
    return [(entity.type, example.document.text[entity.start : entity.end]) for entity in example.entities]


def test_texts_with_their_genre_and_marks(tmp_path: Path) -> None:
    path = write(
        tmp_path / "chats.txt",
        "\n=== chat\n\n⟦PERSON_NAME|王小明⟧：在吗\n  <b>⟦PHONE_NUMBER|138 0013 8000⟧\n⟦ADDRESS|一号楼\n二单元⟧\n\n\n"
        "=== note \n好\n",
    )
    first, second = read(path)
    assert first.document.text == "王小明：在吗\n  <b>138 0013 8000\n一号楼\n二单元"
    assert spans(first) == [
        (T.PERSON_NAME, "王小明"),
        (T.PHONE_NUMBER, "138 0013 8000"),
        (T.ADDRESS, "一号楼\n二单元"),
    ]
    assert (first.document.id, first.source, first.family) == ("written-chats-2", "written", "chat")
    assert first.annotated == DEFAULT_TYPES
    assert (second.document.text, second.family, second.entities) == ("好", "note", ())


def test_marks_of_types_outside_the_taxonomy_are_text_and_counted(tmp_path: Path) -> None:
    report: Counter[str] = Counter()
    (example,) = read(write(tmp_path / "a.txt", "=== x\n卡⟦LOYALTY|A1⟧和⟦LOYALTY|A2⟧，⟦PERSON_NAME|王芳⟧\n"), report)
    assert example.document.text == "卡A1和A2，王芳"
    assert spans(example) == [(T.PERSON_NAME, "王芳")]
    assert report == {"left as text: LOYALTY, which the taxonomy does not have": 2}


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("好\n=== x\n好\n", 1, "a text begins with"),
        ("=== \n好\n", 1, "no genre"),
        ("=== x\n好\n\n=== y\n\n", 4, "no characters"),
        ("=== x\n\n好\n⟦PERSON_NAME|王芳\n", 4, "broken or nested mark"),
        ("=== x\n好⟦PERSON_NAME|⟦王⟧芳⟧\n", 2, "broken or nested mark"),
        ("=== x\n好\n好⟦PERSON_NAME王芳⟧\n", 3, "broken or nested mark"),
        ("=== x\n⟦PERSON_NAME|⟧\n", 2, "empty or has space"),
        ("=== x\n⟦PERSON_NAME|王芳 ⟧\n", 2, "empty or has space"),
        ("=== x\n去⟦LOCATION|上海⟧\n", 1, "not annotated"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_line(tmp_path: Path, content: str, line: int, message: str) -> None:
    path = write(tmp_path / "bad.txt", content)
    with pytest.raises(DataError, match=rf"bad\.txt:{line}: .*{message}") as caught:
        read(path)
    assert "王" not in str(caught.value)


def test_a_tenth_is_validation_by_its_hash(tmp_path: Path) -> None:
    texts = [f"第{number}句" for number in range(300)]
    write(tmp_path / "a.txt", "".join(f"=== x\n{text}\n\n" for text in texts))
    corpus = Written(path=tmp_path).open({}, seed=1)
    parts = {split: [row.document.text for row in rows] for split, rows in corpus.candidates.items()}
    assert parts.keys() == {Split.TRAIN, Split.VALIDATION}
    expected = [text for text in texts if int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % 10 == 0]
    assert parts[Split.VALIDATION] == expected
    assert 15 <= len(expected) <= 45
    assert sorted(parts[Split.TRAIN] + expected) == sorted(texts)
    assert corpus.origin["sha256"] == {"a.txt": hashlib.sha256((tmp_path / "a.txt").read_bytes()).hexdigest()}


def test_a_folder_without_texts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"sources\.written\.path"):
        Written(path=tmp_path).open({}, seed=1)


def test_the_corpus_of_the_package_is_read_whole() -> None:
    corpus = Written().open({}, seed=1)
    parts = {split: list(rows) for split, rows in corpus.candidates.items()}
    examples = [example for rows in parts.values() for example in rows]
    assert len(examples) > 4_000
    assert len({example.document.id for example in examples}) == len(examples)
    assert all(split_of(example.document.text) == split for split, rows in parts.items() for example in rows)
    assert 0.08 < len(parts[Split.VALIDATION]) / len(examples) < 0.12
