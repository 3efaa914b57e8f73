"""The documents say what the code does: README blocks run, and generated pages are current."""

import re
import shlex
from pathlib import Path

import pytest

from pii_sft.cli import main
from pii_sft.cli.types import taxonomy_markdown

ROOT = Path(__file__).parent.parent
README, CHINESE = (ROOT / name for name in ("README.md", "README.zh.md"))


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_python_blocks_run(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(code, {})
    assert "PERSON_NAME 张三 3 5" in capsys.readouterr().out


def test_console_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [line for block in blocks(README, "console") for line in block.splitlines() if line.startswith("$ ")]
    assert len(lines) >= 5
    for line in lines:
        assert main(shlex.split(line)[2:]) == 0, line


def test_both_languages_show_the_same_code_and_figures() -> None:
    for language in ("python", "console"):
        assert blocks(README, language) == blocks(CHINESE, language)
    figures = [re.findall(r"\d+\.\d+", path.read_text(encoding="utf-8")) for path in (README, CHINESE)]
    assert figures[0] == figures[1]


def test_the_page_of_types_is_generated() -> None:
    assert (ROOT / "docs" / "types.md").read_text(encoding="utf-8") == taxonomy_markdown()


def test_relative_links_lead_somewhere() -> None:
    for page in (README, CHINESE, *(ROOT / "docs").glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_page_has_an_open_place() -> None:
    for page in (README, CHINESE, ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        assert not re.findall(r"@[A-Z]+@", page.read_text(encoding="utf-8")), page.name
