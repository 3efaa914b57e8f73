"""Files that appear whole or not at all."""

from pathlib import Path

import pytest

from schemas.files import replacing, replacing_folder, write_whole


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


def _fill(folder: Path, **files: str) -> None:
    for name, content in files.items():
        (folder / name).write_text(content)


def test_a_folder_appears_whole_in_the_place_of_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "made" / "out"
    for content in ("old", "new"):
        with replacing_folder(out) as partial:
            _fill(partial, a=content, b=content)
            assert not out.exists() or (out / "a").read_text() == "old"
        assert [(out / name).read_text() for name in "ab"] == [content, content]
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_folder_stays_as_it_was_on_any_error(tmp_path: Path, error: type[BaseException]) -> None:
    out = tmp_path / "out"
    with replacing_folder(out) as partial:
        _fill(partial, a="old")
    with pytest.raises(error), replacing_folder(out) as partial:
        _fill(partial, a="new")
        raise error
    assert [path.read_text() for path in out.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [out]


def test_a_folder_with_other_files_is_kept(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    _fill(out, a="old", mine="kept")
    with pytest.raises(FileExistsError, match="holds mine, which would be lost"), replacing_folder(out) as partial:
        _fill(partial, a="new")
    assert sorted(path.read_text() for path in out.iterdir()) == ["kept", "old"]
    with pytest.raises(OSError, match=f"'{out / 'a'}'"), replacing_folder(out / "a"):
        pass
