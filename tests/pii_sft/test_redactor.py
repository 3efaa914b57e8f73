"""The redactor in Python: operators by type, and stand-ins that outlive it."""

from pathlib import Path
from typing import Any

import pytest

from pii_sft import Detector, Redactor
from pii_sft.cli import main
from schemas.errors import UnknownTypeError
from serving.engines.rules.engine import RulesEngine
from serving.redaction import TokenCipher, TokenError

TEXT = "翠鸟的电话13800138000，邮箱li@example.com"
KEY = TokenCipher.new_key()


@pytest.fixture
def detector() -> Detector:
    return Detector(RulesEngine()).with_custom_rules({"deny": [{"type": "项目代号", "value": "翠鸟"}]})


def test_operators_may_differ_by_type(detector: Detector) -> None:
    redactor = Redactor(detector, {"PHONE_NUMBER": "mask", "项目代号": "label"}, keep=4)
    redacted = redactor.redact(TEXT).text
    assert redacted == "[项目代号]的电话*******8000，邮箱[EMAIL_1]"
    assert redactor.restore(redacted) == "[项目代号]的电话*******8000，邮箱li@example.com"
    with pytest.raises(UnknownTypeError):
        Redactor(detector, {"项目": "mask"})


def test_a_redactor_goes_on_where_another_one_was_saved(
    detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "session.token"
    first = Redactor(detector)
    redacted = first.redact(TEXT).text
    first.save(path, KEY)
    assert "13800138000" not in path.read_text(encoding="ascii")
    later = Redactor.load(path, KEY, detector)
    assert later.restore(redacted) == TEXT
    assert later.redact("打13900139000或13800138000").text == "打[PHONE_NUMBER_2]或[PHONE_NUMBER_1]"
    monkeypatch.setenv("PII_SFT_KEY", KEY)
    assert main(["restore", redacted, "--token", str(path)]) == 0 and capsys.readouterr().out == TEXT
    with pytest.raises(TokenError):
        Redactor.load(path, TokenCipher.new_key(), detector)
    path.write_bytes(b"\xff")
    with pytest.raises(TokenError):
        Redactor.load(path, KEY, detector)


@pytest.mark.parametrize("settings", [{"operator": "label"}, {"operator": "hash", "key": b"key", "one_way": True}])
def test_a_redactor_without_a_way_back_is_not_saved(detector: Detector, tmp_path: Path, settings: Any) -> None:
    redactor = Redactor(detector, **settings)
    redactor.redact(TEXT)
    with pytest.raises(ValueError, match="cannot be undone"):
        redactor.save(tmp_path / "session.token", KEY)
    assert not list(tmp_path.iterdir())


def test_a_path_may_be_a_string(detector: Detector, tmp_path: Path) -> None:
    redactor, path = Redactor(detector), str(tmp_path / "session.token")
    redacted = redactor.redact(TEXT).text
    redactor.save(path, KEY)
    assert Redactor.load(path, KEY, detector).restore(redacted) == TEXT


def test_json_and_streams_go_out_and_come_back(detector: Detector) -> None:
    redactor = Redactor(detector)
    value = {"to": ["翠鸟", 13800138000, None, 1.5], "tool": '{"mail": "li@example.com"}'}
    redacted = redactor.redact_json(value)
    assert redacted == {
        "to": ["[项目代号_1]", "[PHONE_NUMBER_1]", None, 1.5],
        "tool": '{"mail": "[EMAIL_1]"}',
    }
    assert redactor.restore_json(redacted) == value
    restorer = redactor.restorer()
    assert "".join([*map(restorer.feed, "写给[EMAIL_1]吧"), restorer.close()]) == "写给li@example.com吧"
    for bad, error in ((object(), TypeError), (float("nan"), ValueError)):
        with pytest.raises(error):
            redactor.redact_json(bad)
    masked = Redactor(detector, "mask")
    with pytest.raises(ValueError, match="mask cannot be undone"):
        masked.restorer()
    with pytest.raises(ValueError, match="mask cannot be undone"):
        masked.restore_json({})
