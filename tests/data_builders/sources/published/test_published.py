"""Public test sets: what is read of each form, and what is told of files that are not in it."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from data_builders.sources.own.labelled import LabelledText
from data_builders.sources.published import cluener, pii_bench_zh, presidio_research
from data_builders.sources.published.labels import Labels, as_examples
from schemas.errors import DataError
from schemas.spans.entity import Example
from schemas.taxonomy import EntityType as T
from tests.data_builders.sources.published_files import BENCH, CLUE, COPY, EMPTY, SAMPLE, write_lines, write_list

Reader = Callable[[Path], Iterator[LabelledText]]


def read(reader: Reader, labels: Labels, file: Path) -> tuple[list[Example], Counter[str]]:
    report: Counter[str] = Counter()
    return list(as_examples(reader(file), labels, "set", "part", report)), report


def values(example: Example) -> list[tuple[str, str]]:
    return [(str(entity.type), example.document.text[entity.start : entity.end]) for entity in example.entities]


def test_pii_bench_zh_as_on_the_hub_and_with_our_names(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "formal.jsonl", BENCH, COPY)
    (hub, copy), report = read(pii_bench_zh.read_pii_bench_zh, pii_bench_zh.LABELS, file)
    assert values(hub) == [("PERSON_NAME", "傅杰"), ("PHONE_NUMBER", "13800138000")]
    assert values(copy) == [("EMAIL", "a@b.com")]
    assert hub.annotated == copy.annotated == (T.PERSON_NAME, T.PHONE_NUMBER, T.EMAIL)
    assert (hub.source, hub.document.id, copy.document.id) == ("part", "set-part-1", "set-part-2")
    assert not report


def test_cluener_counts_both_ends_in_and_the_longest_of_two_that_overlap_stays(tmp_path: Path) -> None:
    (example,), report = read(cluener.read_cluener, cluener.LABELS, write_lines(tmp_path / "dev.json", CLUE))
    assert values(example) == [("JOB_TITLE", "总裁"), ("PERSON_NAME", "沈东"), ("ORGANIZATION", "沈东的银行")]
    assert report == {"label scene": 1, "values that overlap a longer one": 1}
    assert example.annotated == (T.PERSON_NAME, T.ORGANIZATION, T.JOB_TITLE)


def test_presidio_research_is_a_list_of_samples(tmp_path: Path) -> None:
    file = write_list(tmp_path / "synth.json", [SAMPLE, EMPTY])
    (full, empty), report = read(presidio_research.read_presidio_research, presidio_research.LABELS, file)
    assert values(full) == [("PERSON_NAME", "Ann Lee"), ("ORGANIZATION", "Acme")]
    assert not empty.entities and empty.annotated == (T.PERSON_NAME, T.ORGANIZATION)
    assert report == {"label TITLE": 1}


def test_a_label_that_nobody_knows_is_counted_and_a_file_without_another_refused(tmp_path: Path) -> None:
    odd = {**BENCH, "entities": [*BENCH["entities"], {"text": "电话", "type": "word", "start": 2, "end": 4}]}  # type: ignore[misc]
    (example,), report = read(
        pii_bench_zh.read_pii_bench_zh, pii_bench_zh.LABELS, write_lines(tmp_path / "a.jsonl", odd)
    )
    assert len(example.entities) == 2 and report == {"label word": 1}
    with pytest.raises(DataError, match="no label of the part part has a type here"):
        read(cluener.read_cluener, cluener.LABELS, write_lines(tmp_path / "b.json", {"text": "好", "label": {}}))


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ([], r":2: not a JSON object"),
        ({"text": 3, "entities": []}, r":2: has no text in the field text"),
        ({"text": "好"}, r":2: has no list in the field entities"),
        ({"text": "好", "entities": ["x"]}, r":2: an entity is not an object"),
        ({"text": "好", "entities": [{"text": "好", "type": "person", "start": 0}]}, r":2: a label has no start, end"),
        (
            {"text": "好的", "entities": [{"text": "好", "type": "person", "start": 1, "end": 2}]},
            r":2: person at \[1, 2\) is not what the text has there",
        ),
        ({"text": "\ud800", "entities": []}, r":2: text has a lone surrogate"),
    ],
)
def test_a_row_of_pii_bench_zh_that_is_wrong_is_named(tmp_path: Path, row: Any, fault: str) -> None:
    file = write_lines(tmp_path / "formal.jsonl", BENCH)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(row) + "\n")
    with pytest.raises(DataError, match=f"formal.jsonl{fault}"):
        read(pii_bench_zh.read_pii_bench_zh, pii_bench_zh.LABELS, file)


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ([], "has no object in the field label"),
        ({"name": []}, "has no object in the field name"),
        ({"name": {"沈东": 1}}, "a position of name is not"),
        ({"name": {"沈东": [[2]]}}, "a position of name is not"),
        ({"name": {"沈东": [[2, 4]]}}, r"name at \[2, 5\) is not what the text has there"),
        ({"name": {"沈东": [[-8, -7]]}}, r"name at \[-8, -6\) is not what"),
    ],
)
def test_a_row_of_cluener_that_is_wrong_is_named(tmp_path: Path, label: Any, fault: str) -> None:
    file = write_lines(tmp_path / "dev.json", CLUE, {"text": CLUE["text"], "label": label})
    with pytest.raises(DataError, match=f"dev.json:2: {fault}"):
        read(cluener.read_cluener, cluener.LABELS, file)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('{"full_text": ""}', "synth.json: not a list of samples; give a file of presidio-research"),
        ('[\n{"full_text": "a", "spans": []},\n3]', "synth.json:3: sample 2: not an object"),
        ('[\n{"full_text": "a", "spans": []},', "synth.json:2: sample 2: not valid JSON"),
        ('[{"spans": []}]', "synth.json:1: sample 1: has no text in the field full_text"),
        ('[{"full_text": "a", "spans": [1]}]', "synth.json:1: sample 1: a span is not an object"),
    ],
)
def test_a_file_of_presidio_research_that_is_wrong_is_named(tmp_path: Path, content: str, fault: str) -> None:
    file = tmp_path / "synth.json"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=fault):
        read(presidio_research.read_presidio_research, presidio_research.LABELS, file)


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    file = tmp_path / "synth.json"
    with pytest.raises(DataError, match=r"synth.json: No such file"):
        list(presidio_research.read_presidio_research(file))
    file.write_bytes(b"[\xff]")
    with pytest.raises(DataError, match=r"synth.json: byte 1 is not UTF-8"):
        list(presidio_research.read_presidio_research(file))
