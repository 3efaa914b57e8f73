"""Lists of JSON objects."""

from pathlib import Path

import pytest

from data_builders.sources.json_list import read_json_list
from schemas.errors import DataError


def test_each_object_comes_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('\n[{"a": 1},\n {"b": [2]}]\n')
    assert list(read_json_list(file, "task", "-")) == [
        (f"{file}:2: task 1", {"a": 1}),
        (f"{file}:3: task 2", {"b": [2]}),
    ]


def test_what_follows_the_list_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('[{"a": 1}]\n[{"a": 2}]\n')
    with pytest.raises(DataError, match=f"{file}:1: more follows the list of tasks"):
        list(read_json_list(file, "task", "-"))
