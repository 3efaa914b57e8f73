import signal
import subprocess
import sys
from pathlib import Path

import pytest

import pii_sft
from pii_sft import Redactor
from pii_sft.cli import main
from pii_sft.detector import Detector
from serving.engines.rules.engine import RulesEngine
from serving.redaction import OPERATORS

Capture = pytest.CaptureFixture[str]
ROOT = Path(pii_sft.__file__).parent.parent
pytestmark = pytest.mark.usefixtures("key")
TEXT = "电话13800138000，邮箱zhang@example.com"


def test_runs_with_one_token_wait_for_each_other(capsys: Capture, tmp_path: Path) -> None:
    token, texts = str(tmp_path / "token"), [f"打{number}" for number in (13911112222, 13733334444, 13800138000)]
    command = [sys.executable, "-m", "pii_sft", "redact", "--engine", "rules", "--token", token]
    runs = [subprocess.Popen([*command, text], cwd=ROOT, stdout=subprocess.PIPE, text=True) for text in texts]
    redacted = [run.communicate(timeout=60)[0] for run in runs]
    assert sorted(redacted) == [f"打[PHONE_NUMBER_{number}]" for number in (1, 2, 3)]
    for text, made in zip(texts, redacted, strict=True):
        assert main(["restore", made, "--token", token]) == 0
        assert capsys.readouterr().out == text
    assert Path(token).stat().st_mode & 0o777 == 0o600


def test_a_text_goes_out_and_comes_back(capsys: Capture, tmp_path: Path) -> None:
    token = str(tmp_path / "token")
    assert main(["redact", TEXT, "--token", token]) == 0
    redacted = capsys.readouterr().out
    assert redacted == "电话[PHONE_NUMBER_1]，邮箱[EMAIL_1]"
    assert main(["redact", "打13900139000，不打13800138000", "--token", token]) == 0
    assert capsys.readouterr().out == "打[PHONE_NUMBER_2]，不打[PHONE_NUMBER_1]"
    (tmp_path / "answer.txt").write_text(f"{redacted}\r\n", encoding="utf-8", newline="")
    assert main(["restore", str(tmp_path / "answer.txt"), "--token", token]) == 0
    assert capsys.readouterr().out == f"{TEXT}\r\n"


def test_stand_ins_that_a_model_changed_come_back_and_others_are_counted(capsys: Capture, tmp_path: Path) -> None:
    token = str(tmp_path / "token")
    assert main(["redact", TEXT, "--token", token]) == 0
    capsys.readouterr()
    assert main(["restore", "打【phone_number_1】，写EMAIL_1或[EMAIL_2]", "--token", token]) == 0
    captured = capsys.readouterr()
    assert captured.out == "打13800138000，写zhang@example.com或[EMAIL_2]"
    assert captured.err == "stand-ins without a value, not restored: 1\n"


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_is_a_style(operator: str, capsys: Capture) -> None:
    assert main(["redact", TEXT, "--style", operator]) == 0
    assert "13800138000" not in capsys.readouterr().out


def test_hashes_without_a_way_back_join_all_spellings(capsys: Capture, tmp_path: Path) -> None:
    text = "打138-0013-8000或+86 13800138000"
    assert main(["redact", text, "--style", "hash"]) == 0
    first, second = capsys.readouterr().out.removeprefix("打").split("或")
    assert first == second
    assert main(["redact", text, "--style", "hash", "--token", str(tmp_path / "token")]) == 0
    first, second = capsys.readouterr().out.removeprefix("打").split("或")
    assert first != second and first[:26] == second[:26]


def test_styles_on_the_command_line(capsys: Capture) -> None:
    assert main(["redact", TEXT, "--style", "mask", "--keep", "4", "--types", "PHONE_NUMBER"]) == 0
    assert capsys.readouterr().out == "电话*******8000，邮箱zhang@example.com"
    assert main(["redact", TEXT, "--style", "hash"]) == 0
    first = capsys.readouterr().out
    assert main(["redact", TEXT, "--style", "hash"]) == 0
    assert capsys.readouterr().out == first


def test_styles_and_scores_by_type_on_the_command_line(capsys: Capture, tmp_path: Path) -> None:
    rules = tmp_path / "rules.json"
    rules.write_text('{"deny": [{"type": "项目代号", "value": "翠鸟"}]}', encoding="utf-8")
    arguments = ["redact", f"翠鸟的{TEXT}", "--custom-rules", str(rules)]
    assert main([*arguments, "--style", "项目代号=label", "--style", "EMAIL=mask", "--style", "pseudonym"]) == 0
    assert capsys.readouterr().out == "[项目代号]的电话[PHONE_NUMBER_1]，邮箱*****@*******.***"
    assert main([*arguments, "--style", "label", "--min-score", "0.5", "--min-score", "EMAIL=1"]) == 0
    assert capsys.readouterr().out == "[项目代号]的电话[PHONE_NUMBER]，邮箱zhang@example.com"
    for wrong in (["--style", "项目=mask"], ["--min-score", "MAIL=0.5"]):
        assert main([*arguments, *wrong]) == 2
        assert "unknown entity types" in capsys.readouterr().err
    for wrong in (["--style", "EMAIL=paint"], ["--min-score", "EMAIL=2"], ["--min-score", "EMAIL="]):
        with pytest.raises(SystemExit):
            main([*arguments, *wrong])
        assert "not " in capsys.readouterr().err


def test_what_cannot_be_done_is_told(capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tmp_path / "token"
    token.write_bytes(b"\xff")
    told = {"restore": "not a token file of", "label": "label cannot be undone"}
    assert main(["restore", "x", "--token", str(token)]) == 2
    assert told["restore"] in capsys.readouterr().err
    assert main(["redact", TEXT, "--style", "label", "--token", str(token)]) == 2
    assert told["label"] in capsys.readouterr().err
    token.write_text("changed", encoding="ascii")
    assert main(["restore", "x", "--token", str(token)]) == 2
    assert "was not made with this key" in capsys.readouterr().err
    monkeypatch.delenv("PII_SFT_KEY")
    for arguments in (["restore", "x", "--token", str(token)], ["redact", TEXT, "--style", "hash"]):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert "need" in captured.err and "PII_SFT_KEY" in captured.err and "13800138000" not in captured.err


def test_a_redactor_is_a_session() -> None:
    redactor = Redactor(Detector(RulesEngine()))
    made = redactor.redact(TEXT)
    assert redactor.redact("13800138000").text == "[PHONE_NUMBER_1]"
    assert redactor.restore(made.text) == TEXT and redactor.restore("回复[EMAIL_1]") == "回复zhang@example.com"
    answer = "回复【email_1】和[EMAIL_9]"
    assert redactor.restore(answer) == "回复zhang@example.com和[EMAIL_9]" and redactor.unrestored(answer) == 1
    one_way = Redactor(Detector(RulesEngine()), "hash", key=b"key", one_way=True)
    assert one_way.redact("138-0013-8000").text == one_way.redact("13800138000").text
    with pytest.raises(ValueError, match="cannot be undone"):
        one_way.restore("")
    masked = Redactor(Detector(RulesEngine()), "mask", keep=2)
    assert masked.redact("13800138000", ["PHONE_NUMBER"]).text == "*********00"
    with pytest.raises(ValueError, match="cannot be undone"):
        masked.restore("")
    for operator, told in (("hash", "need a key"), ("paint", "no operator paint")):
        with pytest.raises(ValueError, match=told):
            Redactor(Detector(RulesEngine()), operator)  # type: ignore[arg-type]


def test_texts_in_utf_16_are_refused(tmp_path: Path, capsys: Capture) -> None:
    path, out = tmp_path / "a.txt", tmp_path / "out.txt"
    path.write_bytes("write to li@example.com".encode("utf-16-le"))
    for arguments in (["redact", str(path)], ["redact", str(path), "--out", str(out)], ["detect", str(path)]):
        assert main(arguments) == 2
        captured = capsys.readouterr()
        assert f"{path}: has NUL characters" in captured.err and not captured.out and not out.exists()


WAITS = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs inherit that it is ignored
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # and those of nohup this one
from pii_sft.cli import main
from pii_sft.registry import EngineSpec
from schemas.engine import LoadedEngine
from serving.engines.rules.engine import RulesEngine
from serving.redaction import OPERATORS

class Slow(RulesEngine):
    def detect(self, texts, types=None):
        print("begun", flush=True)
        time.sleep(30)

EngineSpec.load = lambda _: LoadedEngine(Slow(), "slow", code=())
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, 129)])
def test_a_signal_leaves_no_file(tmp_path: Path, number: signal.Signals, code: int) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-c", WAITS, "redact", str(tmp_path / "a.txt"), "--out", str(tmp_path / "out")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(number)
        assert (process.wait(), process.stderr.read()) == (code, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
