"""Suites as datasets: what is scored, and what is told of the files."""

import hashlib
from pathlib import Path

import pytest

from eval.suites import OpenSuite, open_suite
from schemas.errors import DataError
from schemas.taxonomy import ALL_TYPES, DEFAULT_TYPES
from schemas.taxonomy import EntityType as T
from tests.eval.samples import NAME, PHONE, example, rows


def opened(folder: Path, limit: int | None = None, files: dict[str, str] | None = None) -> OpenSuite:
    return open_suite("some", rows(3), folder / "some", ALL_TYPES, limit, files or {}, {"label x": 2})


def test_the_types_that_the_rows_annotate_are_scored(tmp_path: Path) -> None:
    suite = opened(tmp_path)
    assert suite.types == (NAME, PHONE) and suite.dataset.texts == 3 and suite.left_out == {"label x": 2}
    only = open_suite("some", rows(3), tmp_path, (T.QQ_NUMBER, PHONE), None, {}, {})
    assert only.types == (PHONE,)
    with pytest.raises(DataError, match="marks none of the types"):
        open_suite("some", rows(3), tmp_path, (T.QQ_NUMBER,), None, {}, {})


def test_the_rows_stand_for_a_suite_without_files(tmp_path: Path) -> None:
    written = (tmp_path / "some" / "test.jsonl").as_posix()
    suite = opened(tmp_path)
    digest = hashlib.sha256(Path(written).read_bytes()).hexdigest()
    assert suite.files == {"some/test.jsonl": digest}
    assert opened(tmp_path, files={"a.bio": "1"}).files == {"a.bio": "1"}


def test_a_limit_leaves_rows_out(tmp_path: Path) -> None:
    suite = opened(tmp_path, limit=2)
    assert (suite.dataset.texts, suite.dataset.limit) == (2, 2)


def test_an_id_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="the id of line 1 occurs again"):
        open_suite("some", [example(1), example(1)], tmp_path, DEFAULT_TYPES, None, {}, {})
