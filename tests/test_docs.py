"""The documents say what the code does: their examples run, and what they name exists."""

import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml

from pii_sft.cli import main
from pii_sft.cli.gateway import UPSTREAM_KEY
from pii_sft.cli.types import taxonomy_markdown
from serving.service.settings import ServiceSettings, variable

ROOT = Path(__file__).parent.parent
README, CHINESE, LOG = ROOT / "README.md", ROOT / "README.zh.md", ROOT / "docs" / "log.md"
SITE = sorted((ROOT / "docs").rglob("*.md"))
PAGES = [
    *(ROOT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *SITE,
]
CURRENT = [page for page in PAGES if page not in (LOG, ROOT / "CHANGELOG.md")]
"""Pages that say how things are now; the others also tell what was."""
TOP = "pii_sft|data_builders|schemas|training|serving|eval|tests|scripts|deploy|docs"
MADE = ("deploy/keys", "deploy/scrape-key")
"""Files that a reader makes."""
MOST_LINES = 130


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text_of(page), re.DOTALL)


def code_of(page: Path) -> Iterator[str]:
    """Lines of code blocks, and code within sentences."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    rest = re.sub(r"^```\w*\n.*?^```", "", text_of(page), flags=re.DOTALL | re.MULTILINE)
    for block in fenced:
        yield from block.splitlines()
    for line in rest.splitlines():
        yield from [line] if line.startswith("    ") else re.findall(r"`([^`]+)`", line)


def nav_pages(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        for value in entry.values():
            yield from [value] if isinstance(value, str) else nav_pages(value)


def navigation() -> list[str]:
    return list(nav_pages(yaml.safe_load(text_of(ROOT / "mkdocs.yml"))["nav"]))


@cache
def help_of(*command: str) -> str:
    """What `pii-sft COMMAND --help` prints."""
    output = StringIO()
    with redirect_stdout(output), pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0, command
    return output.getvalue()


def parts_of(*command: str) -> list[str]:
    """The commands that a command has: `errors` and `compare` of `eval`."""
    return re.findall(r"^    (\w+)(?: |$)", help_of(*command), re.MULTILINE)


def flags_of(*command: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", help_of(*command)))


def all_flags(*command: str) -> set[str]:
    return flags_of(*command).union(*(all_flags(*command, part) for part in parts_of(*command)))


def commands_in(page: Path) -> Iterator[tuple[list[str], set[str]]]:
    """Every `pii-sft COMMAND ...` in code: the words of the command, and its flags."""
    for line in code_of(page):
        for use in re.findall(r"(?:^\s*|\$ |\$\(|bin/)pii-sft( .*?)?(?= \| | > |\)|$)", line):
            words: list[str] = []
            rest = re.findall(r"\S+", use)
            while rest and rest[0] in parts_of(*words):
                words.append(rest.pop(0))
            assert words or not rest or rest[0].startswith(("-", "COMMAND")), f"{page.name}: pii-sft {use}"
            yield words, set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", use))


@pytest.mark.parametrize("code", blocks(README, "python"))
def test_python_blocks_print_what_they_say(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    exec(code, {})
    said = re.findall(r"^# (.*)$", code, re.MULTILINE)
    assert said and capsys.readouterr().out.splitlines() == said


def test_console_blocks_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pages = [README, *(ROOT / "docs" / name for name in navigation())]
    lines = [line for page in pages for block in blocks(page, "console") for line in block.splitlines()]
    assert len(lines) >= 15 and all(line.startswith("$ pii-sft ") for line in lines)
    for line in dict.fromkeys(lines):  # pages share examples, and the folders that these write
        assert main(shlex.split(line)[2:]) == 0, line


def test_both_languages_show_the_same_code_and_figures() -> None:
    for language in ("python", "console"):
        assert blocks(README, language) == blocks(CHINESE, language)
    for pattern in (r"\d+\.\d+", r"^    .*?(?=\s+#|$)"):
        english, chinese = (re.findall(pattern, text_of(page), re.MULTILINE) for page in (README, CHINESE))
        assert english == chinese and english
    links = [sorted(re.findall(r"\]\(([\w/.]+\.md)", text_of(page))) for page in (README, CHINESE)]
    assert [link for link in links[0] if "README" not in link] == [link for link in links[1] if "README" not in link]


def test_readmes_are_short() -> None:
    assert all(len(text_of(page).splitlines()) <= MOST_LINES for page in (README, CHINESE))


def test_the_page_of_types_is_generated() -> None:
    assert text_of(ROOT / "docs" / "types.md") == taxonomy_markdown()


def test_every_page_is_in_the_navigation_once() -> None:
    assert sorted(navigation()) == sorted(str(page.relative_to(ROOT / "docs")) for page in SITE)


def test_relative_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text_of(page)):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_page_has_an_open_place() -> None:
    for page in PAGES:
        assert not re.findall(r"@[A-Z]+@|\bTODO\b|\bTBD\b", text_of(page)), page.name


@pytest.mark.parametrize("page", CURRENT, ids=lambda page: page.name)
def test_commands_and_flags_exist(page: Path) -> None:
    for words, flags in commands_in(page):
        assert flags <= flags_of(*words), f"{page.name}: pii-sft {' '.join(words)} {flags - flags_of(*words)}"
    alone = {flag for code in re.findall(r"`(--[^`]*)`", text_of(page)) for flag in re.findall(r"--[a-z][a-z-]*", code)}
    assert alone <= all_flags(), f"{page.name}: {alone - all_flags()}"


@pytest.mark.parametrize("page", CURRENT, ids=lambda page: page.name)
def test_paths_and_modules_exist(page: Path) -> None:
    for code in code_of(page):
        for path in re.findall(rf"(?<![\w./-])(?:{TOP})/[\w./-]*", code):
            assert path in MADE or (ROOT / path).exists(), f"{page.name}: {path}"
        for module in re.findall(rf"(?<![\w./-])(?:{TOP})\.[a-z_]\w*", code):
            path = ROOT / module.replace(".", "/")
            assert path.is_dir() or path.with_suffix(".py").exists(), f"{page.name}: {module}"


@pytest.mark.parametrize("page", CURRENT, ids=lambda page: page.name)
def test_variables_exist(page: Path) -> None:
    known = {variable(name) for name in ServiceSettings.__dataclass_fields__} | {
        "PII_SFT_ENGINE",
        "PII_SFT_CACHE",
        UPSTREAM_KEY,
    }
    assert set(re.findall(r"PII_SFT_[A-Z_]+", text_of(page))) <= known


def test_targets_of_make_exist() -> None:
    targets = set(re.findall(r"^(\w+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    for page in CURRENT:
        uses = {use for code in code_of(page) for use in re.findall(r"(?<![\w-])make ([a-z]+)(?![\w-])", code)}
        assert uses <= targets, f"{page.name}: {uses - targets}"
