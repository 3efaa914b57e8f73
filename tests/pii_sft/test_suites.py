"""The table of suites: which files each reads, and that docs/results.md says the same."""

import re
from collections import Counter
from pathlib import Path

import pytest

from data_builders.sources.published import cluener, pii_bench_zh, presidio_research
from data_builders.sources.published.labels import Labels
from pii_sft.suites import SUITES, OwnSuite, PublishedSuite, open_named, suite_named
from schemas.errors import DataError
from schemas.taxonomy import DEFAULT_TYPES
from schemas.taxonomy import EntityType as T
from tests.data_builders.sources.published_files import write_all

PAGE = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
PUBLISHED = [name for name, suite in SUITES.items() if isinstance(suite, PublishedSuite)]
NAMES = (T.PERSON_NAME, T.LOCATION, T.ORGANIZATION)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_all(tmp_path / "data")


@pytest.mark.parametrize(
    ("name", "texts", "types"),
    [
        ("msra", 2, NAMES),
        ("uner", 2, NAMES),
        ("uner_test", 2, NAMES),
        ("pii_bench_zh", 2, (T.PERSON_NAME, T.PHONE_NUMBER, T.EMAIL)),
        ("cluener", 1, (T.PERSON_NAME, T.ORGANIZATION, T.JOB_TITLE)),
        ("presidio_research", 2, (T.PERSON_NAME, T.ORGANIZATION)),
    ],
)
def test_files_are_read_where_they_lie(data: Path, tmp_path: Path, name: str, texts: int, types: tuple[T, ...]) -> None:
    suite = open_named(name, data, tmp_path / "out", None, None)
    assert (suite.dataset.texts, suite.types) == (texts, types)
    assert suite.files and all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in suite.files.values())


def test_parts_are_told_apart_and_values_without_a_type_counted(data: Path, tmp_path: Path) -> None:
    bench = open_named("pii_bench_zh", data, tmp_path / "out", None, None)
    assert [example.source for example in bench.dataset] == ["formal", "chat"]
    assert set(bench.files) == {"pii_bench_zh.jsonl", "chat.jsonl"}
    clue = open_named("cluener", data, tmp_path / "out", (T.PERSON_NAME,), None)
    assert clue.types == (T.PERSON_NAME,)
    assert clue.left_out == {"label scene": 1, "values that overlap a longer one": 1}


def test_own_suites_need_no_files_and_score_the_default_types(tmp_path: Path) -> None:
    own = [name for name, suite in SUITES.items() if isinstance(suite, OwnSuite)]
    assert own == ["written", "synthetic", "near_misses"]
    suite = open_named("written", None, tmp_path, None, 5)
    assert suite.types == DEFAULT_TYPES and suite.dataset.texts == 5
    assert set(suite.files) == {"written/test.jsonl"}
    synthetic = SUITES["near_misses"].examples(None, Counter())
    assert next(synthetic).source == "synthetic"


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_file_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match="needs --data, the folder that has a folder"):
        open_named(name, None, tmp_path, None, None)
    with pytest.raises(DataError, match=r"in that of --data has no file .+"):
        open_named(name, tmp_path, tmp_path, None, None)


def test_of_several_files_none_is_guessed(data: Path) -> None:
    suite = suite_named("presidio_research")
    folder = data / "presidio_research" / "data"
    (folder / "other.json").write_text("[]", encoding="utf-8")
    assert suite.files(data)["synthetic"].name == "synth_dataset_v2.json"
    (folder / "synth_dataset_v2.json").rename(folder / "third.json")
    with pytest.raises(DataError, match=r"the folder presidio_research in that of --data has 2 files \*.json; leave"):
        suite.files(data)
    with pytest.raises(DataError, match="conll: not a suite; choose one of msra, uner"):
        suite_named("conll")


def test_a_file_of_another_form_is_named_with_its_line(data: Path, tmp_path: Path) -> None:
    file = data / "msra" / "test.bio"
    file.write_text("中\tB-ORG\n共 \n", encoding="utf-8")
    with pytest.raises(DataError, match=r"test.bio:2: expected one character"):
        open_named("msra", data, tmp_path / "out", None, None)


def test_the_page_has_every_suite_with_its_files() -> None:
    for name in PUBLISHED:
        suite = SUITES[name]
        assert isinstance(suite, PublishedSuite)
        (row,) = re.findall(rf"^\| `{name}` \|.*$", PAGE, re.MULTILINE)
        assert f"`{suite.folder}`" in row
        assert all(f"`{patterns[0]}`" in row for patterns in suite.parts.values()), name
    assert all(f"`{name}`" in PAGE for name in SUITES)


@pytest.mark.parametrize("labels", [pii_bench_zh.LABELS, cluener.LABELS, presidio_research.LABELS])
def test_the_page_has_every_label_with_its_type(labels: Labels) -> None:
    rows = [row for row in PAGE.splitlines() if row.startswith("| ")]
    for label, kind in labels.items():
        told = str(kind) if kind else "left out"
        assert any(f"`{label}`" in row and row.endswith(f"| {told} |") for row in rows), label
