"""Files that appear whole or not at all."""

from pathlib import Path

import pytest

from schemas.files import replacing, write_whole


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_nothing_is_left_behind_on_any_error(tmp_path: Path, error: type[BaseException]) -> None:
    write_whole(tmp_path / "a", "old")
    with pytest.raises(error), replacing(tmp_path / "a") as partial:
        partial.write_text("new")
        raise error
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_names_may_be_as_long_as_the_system_lets_them(tmp_path: Path) -> None:
    path = tmp_path / ("长" * 85)
    write_whole(path, "x")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("folder", ["none", "file"])
def test_errors_name_the_file_and_not_the_temporary_one(tmp_path: Path, folder: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=f"'{tmp_path}/{folder}/a'"):
        write_whole(tmp_path / folder / "a", "x")
