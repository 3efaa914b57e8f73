"""Files and folders that are redacted and restored by the commands."""

import stat
from pathlib import Path

import pytest

import pii_sft.cli.redact
from pii_sft.cli import main
from schemas.files import write_whole

Capture = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("key")
TEXT = "电话13800138000，邮箱zhang@example.com"


def test_folders_on_the_command_line(tmp_path: Path, capsys: Capture) -> None:
    source = tmp_path / "in"
    (source / "deep").mkdir(parents=True)
    (source / "a.jsonl").write_text('{"id":"13800138000","text":"打13800138000"}\n', encoding="utf-8")
    (source / "deep" / "b.txt").write_text("再打13800138000\r\n", encoding="utf-8", newline="")
    (source / "c.png").write_bytes(b"\x89")
    assert main(["redact", str(source), "--out", str(tmp_path / "out"), "--column", "text"]) == 0
    assert (tmp_path / "out" / "a.jsonl").read_text(
        encoding="utf-8"
    ) == '{"id":"13800138000","text":"打[PHONE_NUMBER_1]"}\n'
    assert (tmp_path / "out" / "deep" / "b.txt").read_bytes().decode() == "再打[PHONE_NUMBER_1]\r\n"
    told = capsys.readouterr().err
    assert not (tmp_path / "out" / "c.png").exists() and "a.jsonl: 1 record" in told
    assert f"warning: {source / 'c.png'}: left out: not a kind of file that can be read" in told
    for arguments, told in (
        (["redact", "电话", "--column", "text"], "--column needs --out: it works on files"),
        (["redact", str(tmp_path / "none"), "--out", "x"], "no such file or folder"),
        (["redact", str(source), "--out", str(source)], "is inside the folder"),
        (["redact", str(source), "--out", str(source / "deep" / "out")], "is inside the folder"),
        (["redact", str(tmp_path / "out" / "deep"), "--out", str(tmp_path / "o")], ""),
    ):
        assert main(arguments) == (2 if told else 0)
        assert told in capsys.readouterr().err


def test_folders_come_back_on_the_command_line(tmp_path: Path, capsys: Capture) -> None:
    source, out, back, token = (tmp_path / name for name in ("in", "out", "back", "token"))
    (source / "deep").mkdir(parents=True)
    (source / "a.jsonl").write_text('{"id":"[PHONE_NUMBER_1]","text":13800138000}\n', encoding="utf-8")
    (source / "deep" / "b.txt").write_text("再打13800138000\r\n", encoding="utf-8", newline="")
    (source / "c.json").write_text('["li@example.com"]', encoding="utf-8")
    assert main(["redact", str(source), "--out", str(out), "--column", "text", "--token", str(token)]) == 0
    (out / "c.png").write_bytes(b"\x89")
    capsys.readouterr()
    restore = ["restore", str(out), "--token", str(token)]
    assert main([*restore, "--out", str(back), "--column", "text"]) == 0
    told = capsys.readouterr().err
    assert f"{back / 'a.jsonl'}: 1 record" in told and f"warning: {out / 'c.png'}: left out" in told
    for path in ("a.jsonl", "deep/b.txt", "c.json"):
        assert "13800138000" not in (out / path).read_text() and "li@" not in (out / path).read_text()
        assert (back / path).read_bytes() == (source / path).read_bytes()
    (out / "a.jsonl").write_text('{"text":"[PHONE_NUMBER_77]"}\n')
    assert main([*restore, "--out", str(back)]) == 0
    assert "stand-ins without a value, not restored: 1" in capsys.readouterr().err
    for arguments, told in (
        (restore, f"{out}: is a folder; name a file"),
        ([*restore, "--column", "text"], "--column needs --out: it works on files"),
        ([*restore, "--json", "--out", str(back)], "--json is for a text, a file or stdin"),
        ([*restore, "--out", str(out / "deep")], "is inside the folder that is read"),
        (["restore", str(out / "a.jsonl"), "--token", str(token), "--out", str(token)], "is read or written twice"),
    ):
        assert main(arguments) == 2
        assert told in capsys.readouterr().err


def test_columns_that_records_lack_are_told(tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out.jsonl"
    path.write_text('{"tel": 13800138000}\n{"tel": null, "note": "13800138000"}\n', encoding="utf-8")
    redact = ["redact", str(path), "--out", str(out)]
    for columns, told in (
        (["--column", "phone"], f"{path}:1: has no column phone"),
        (["--column", "tel", "--column", "note"], f"{path}:1: has no column note"),
        (["--column", "tel", "--optional-column", "phone"], "no record has the column phone"),
    ):
        out.unlink(missing_ok=True)
        assert main([*redact, *columns]) == 2
        assert told in capsys.readouterr().err
    assert main([*redact, "--column", "tel", "--optional-column", "note"]) == 0
    assert out.read_text(encoding="utf-8") == (
        '{"tel": "[PHONE_NUMBER_1]"}\n{"tel": null, "note": "[PHONE_NUMBER_1_2]"}\n'
    )


def test_outputs_and_inputs_are_different_files(tmp_path: Path, capsys: Capture) -> None:
    path, rules = tmp_path / "a.txt", tmp_path / "rules.json"
    path.write_text(TEXT, encoding="utf-8")
    rules.write_text('{"allow": ["13800138000"]}', encoding="utf-8-sig")
    out, token, custom = ["--out", str(tmp_path / "out.txt")], ["--token", str(tmp_path / "out.txt")], str(rules)
    for arguments, told in (
        ([*out, *token], "out.txt: is read or written twice by this command"),
        (["--token", str(path)], "a.txt: is read or written twice by this command"),
        ([*out, "--token", custom, "--custom-rules", custom], "rules.json: is read or written twice"),
        (["--out", str(path)], "a.txt: is read or written twice by this command"),
        (["--out", str(tmp_path)], f"{tmp_path}: is a folder; name a file"),
        (["--token", str(tmp_path)], f"{tmp_path}: is a folder; name a file"),
        (["--token", str(path / "token")], "a.txt: File exists"),
    ):
        assert main(["redact", str(path), *arguments]) == 2
        assert told in capsys.readouterr().err
    assert main(["redact", str(tmp_path), "--out", f"{tmp_path}-out", "--token", f"{tmp_path}-out"]) == 2
    assert "-out: is read or written twice by this command" in capsys.readouterr().err
    assert {file.name for file in tmp_path.iterdir()} == {"a.txt", "rules.json"}
    assert main(["redact", str(path), *out, "--token", str(tmp_path / "new" / "token")]) == 0
    assert {file.name for file in tmp_path.iterdir()} == {"a.txt", "rules.json", "out.txt", "new"}
    capsys.readouterr()
    assert main(["redact", str(path), "--custom-rules", custom]) == 0
    assert capsys.readouterr().out == "电话13800138000，邮箱[EMAIL_1]"


def test_a_text_that_is_no_file_is_not_repeated(tmp_path: Path, capsys: Capture) -> None:
    for text in (TEXT, TEXT * 100):
        assert main(["redact", text, "--out", str(tmp_path / "out")]) == 2
        told = capsys.readouterr().err
        assert "the input: no such file or folder" in told and "13800138000" not in told


def test_names_of_files_that_hold_personal_data_are_told(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "in"
    for name in ("13800138000/a.txt", "b.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    assert main(["redact", str(folder), "--out", str(tmp_path / "out")]) == 0
    told = capsys.readouterr().err
    assert f"{tmp_path / 'out' / '13800138000' / 'a.txt'}: the name itself holds PHONE_NUMBER" in told
    assert "b.txt: the name" not in told


def test_a_byte_order_mark_comes_out_again(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8-sig")
    assert main(["redact", str(tmp_path / "a.txt"), "--token", str(tmp_path / "token")]) == 0
    redacted = capsys.readouterr().out
    assert redacted == "\ufeff电话[PHONE_NUMBER_1]，邮箱[EMAIL_1]"
    (tmp_path / "b.txt").write_text(redacted, encoding="utf-8")
    assert main(["restore", str(tmp_path / "b.txt"), "--token", str(tmp_path / "token")]) == 0
    assert capsys.readouterr().out == (tmp_path / "a.txt").read_text(encoding="utf-8")


def test_what_was_written_before_an_error_is_told_and_restored(tmp_path: Path, capsys: Capture) -> None:
    folder, out, token = tmp_path / "in", tmp_path / "out", tmp_path / "token"
    folder.mkdir()
    (folder / "a.txt").write_text("打13800138000", encoding="utf-8")
    (folder / "b.jsonl").write_text('{"text": ["13900139000"]}\n', encoding="utf-8")
    redact = ["redact", str(folder), "--out", str(out), "--column", "text", "--token", str(token)]
    assert main(redact) == 2
    told = capsys.readouterr().err
    assert "files that were written before: 1 of 2" in told and f"{folder / 'b.jsonl'}:1: the column text" in told
    assert main(["restore", str(out / "a.txt"), "--token", str(token)]) == 0
    assert capsys.readouterr().out == "打13800138000"
    token.unlink()
    (folder / "a.txt").unlink()
    assert main(redact) == 2
    assert "files that were written before" not in capsys.readouterr().err and not token.exists()


def test_files_appear_when_their_way_back_is_saved(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out, token = tmp_path / "in", tmp_path / "out", tmp_path / "token"
    source.mkdir()
    names = [f"{'长' * 45}{number}.txt" for number in range(3)]  # alike in the part that temporary files have too
    for number, name in enumerate(names):
        (source / name).write_text(f"打1380013800{number}", encoding="utf-8")
    saved: list[list[str]] = []

    def write(path: Path, content: str, **options: bool) -> None:
        saved.append(sorted(one.name for one in out.iterdir() if not one.name.startswith(".")))
        write_whole(path, content, **options)

    monkeypatch.setattr(pii_sft.cli.redact, "write_whole", write)
    assert main(["redact", str(source), "--out", str(out), "--token", str(token)]) == 0
    assert saved == [[]] and sorted(one.name for one in out.iterdir()) == sorted(names)

    def fail(path: Path, content: str, **options: bool) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(pii_sft.cli.redact, "write_whole", fail)
    capsys.readouterr()
    assert main(["redact", str(source), "--out", str(tmp_path / "other"), "--token", str(token)]) == 2
    assert "No space left" in capsys.readouterr().err and not any((tmp_path / "other").iterdir())


def test_a_link_to_a_token_stays_one(tmp_path: Path, capsys: Capture) -> None:
    token, link = tmp_path / "real" / "token", tmp_path / "link"
    token.parent.mkdir()
    link.symlink_to(token)
    for number, way in ((13800138000, link), (13900139000, token), (13800138000, link)):
        assert main(["redact", f"打{number}", "--token", str(way)]) == 0
    assert link.is_symlink() and token.is_file()
    assert capsys.readouterr().out == "打[PHONE_NUMBER_1]打[PHONE_NUMBER_2]打[PHONE_NUMBER_1]"


def test_what_no_one_else_may_read_stays_so(tmp_path: Path) -> None:
    source, token = tmp_path / "a.txt", str(tmp_path / "token")
    source.write_text(TEXT, encoding="utf-8")
    source.chmod(0o600)
    assert main(["redact", str(source), "--out", str(tmp_path / "b.txt"), "--token", token]) == 0
    assert main(["restore", str(tmp_path / "b.txt"), "--out", str(tmp_path / "c.txt"), "--token", token]) == 0
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("b.txt", "c.txt")] == [0o600, 0o600]


def test_a_stand_in_in_one_file_is_none_for_the_next(tmp_path: Path) -> None:
    source, token = tmp_path / "in", str(tmp_path / "token")
    source.mkdir()
    texts = {"a.txt": "写作[PHONE_NUMBER_1]", "b.txt": "打13800138000"}
    for name, text in texts.items():
        (source / name).write_text(text, encoding="utf-8")
    assert main(["redact", str(source), "--out", str(tmp_path / "out"), "--token", token]) == 0
    assert main(["restore", str(tmp_path / "out"), "--out", str(tmp_path / "back"), "--token", token]) == 0
    assert {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "back").iterdir()} == texts


@pytest.mark.parametrize("command", ["redact", "restore"])
def test_parquet_is_written_to_files_only(command: str, tmp_path: Path, capsys: Capture) -> None:
    path, token = tmp_path / "a.parquet", tmp_path / "token"
    path.write_bytes(b"PAR1")
    assert main([command, str(path), "--token", str(token)]) == 2
    assert "--out" in capsys.readouterr().err


def test_a_stand_in_of_an_own_type_stays_where_none_was_found_yet(tmp_path: Path) -> None:
    rules, source, out, back, token = (tmp_path / name for name in ("rules.json", "a.csv", "out.csv", "back.csv", "t"))
    rules.write_text('{"deny": [{"type": "项目代号", "value": "凤凰计划"}]}', encoding="utf-8")
    source.write_text("t\n见[项目代号_1]一节\n" + "x\n" * 300 + "凤凰计划启动\n", encoding="utf-8")
    options = ["--column", "t", "--token", str(token)]
    arguments = ["--out", str(out), *options, "--engine", "rules", "--custom-rules", str(rules)]
    assert main(["redact", str(source), *arguments]) == 0
    assert "凤凰计划" not in out.read_text(encoding="utf-8")
    assert main(["restore", str(out), "--out", str(back), *options]) == 0
    assert back.read_bytes() == source.read_bytes()


def test_a_table_without_any_of_the_columns_is_told_of(tmp_path: Path, capsys: Capture) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.csv").write_text("id,tel\n1,13800138000\n", encoding="utf-8")
    (source / "b.csv").write_text("id,phone\n1,13800138000\n", encoding="utf-8")
    (source / "c.txt").write_text("13800138000", encoding="utf-8")
    redact = ["redact", str(source), "--engine", "rules", "--out", str(tmp_path / "out"), "--optional-column", "tel"]
    assert main(redact) == 0
    told = capsys.readouterr().err
    assert f"warning: {source / 'b.csv'}: has none of the columns; it is copied as it is" in told
    assert "a.csv: has none" not in told and "c.txt: has none" not in told
