import os
from pathlib import Path

import pytest

from schemas.errors import DataError
from serving.redaction.documents.plan import Plan, plan


def names(folder: Path, made: Plan) -> list[str]:
    return [job.source.relative_to(folder).as_posix() for job in made.jobs]


def test_a_folder_gives_the_files_whose_endings_are_known_and_tells_of_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("b.CSV", "a.txt", "c.png", "deep/d.parquet", "deep/none"):
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / name).touch()
    os.mkfifo(folder / "pipe.txt")
    made = plan(folder, tmp_path / "out")
    assert names(folder, made) == ["a.txt", "b.CSV", "deep/d.parquet"]
    assert made.jobs[2].target == tmp_path / "out" / "deep" / "d.parquet"
    assert {(path.name, reason) for path, reason in made.left_out} == {
        ("c.png", "not a kind of file that can be read"),
        ("none", "not a kind of file that can be read"),
        ("pipe.txt", "no regular file"),
    }


def test_links_are_followed_within_the_folder_only(tmp_path: Path) -> None:
    folder, outside = tmp_path / "in", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    for path in (outside / "secret.txt", folder / "own.txt"):
        path.touch()
    for name, target in {
        "file.txt": outside / "secret.txt",
        "folder": outside,
        "up": tmp_path,
        "gone.txt": folder / "none.txt",
        "loop.txt": folder / "loop.txt",
        "self": folder,
        "same.txt": folder / "own.txt",
    }.items():
        (folder / name).symlink_to(target)
    (tmp_path / "link").symlink_to(folder)
    made = plan(tmp_path / "link", tmp_path / "out")
    assert names(tmp_path / "link", made) == ["own.txt", "same.txt"]
    assert {path.name: reason for path, reason in made.left_out} == {
        "file.txt": "a link that leads out of the folder",
        "folder": "a link that leads out of the folder",
        "up": "a link that leads out of the folder",
        "gone.txt": "a link that leads nowhere",
        "loop.txt": "a link that leads nowhere",
        "self": "a link to a folder",
    }


def test_a_target_is_a_file_or_new(tmp_path: Path) -> None:
    for name in ("a.txt", "in/b.txt", "out/b.txt/x"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    for source, out, told in (
        ("a.txt", tmp_path / "in", "in: is a folder; name a file"),
        ("a.txt", Path(os.devnull), "is no regular file"),
        ("in", tmp_path / "a.txt", r"a\.txt: is a file; name a folder"),
        ("in", tmp_path / "out", r"out/b\.txt: is a folder; name a file"),
        ("in", tmp_path / "in", "is inside the folder that is read"),
        ("in", tmp_path / "in" / "deep", "is inside the folder that is read"),
    ):
        with pytest.raises(DataError, match=told):
            plan(tmp_path / source, out)


def test_nothing_is_written_over_what_is_read_or_written(tmp_path: Path) -> None:
    for name in ("out/in/a.txt", "out/in/in/a.txt", "rules.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).touch()
    source, token, rules = tmp_path / "out" / "in", tmp_path / "token", tmp_path / "rules.json"
    plan(source, tmp_path / "new").check([token], [rules])
    (tmp_path / "link").symlink_to(rules)
    for files, out, told in (
        (plan(source, tmp_path / "out"), [], r"out/in/a\.txt"),
        (plan(source, tmp_path / "new"), [tmp_path / "new" / "a.txt"], r"new/a\.txt"),
        (plan(source, tmp_path / "new"), [source / "a.txt"], r"in/a\.txt"),
        (plan(rules, tmp_path / "link"), [], "link"),
        (Plan(()), [tmp_path / "link"], "link"),
    ):
        with pytest.raises(DataError, match=rf"{told}: is read or written twice by this command"):
            files.check(out, [rules])
