"""`pii-sft eval --suite`: one table of all detectors on all suites, and a page that docs/results.md holds."""

import json
import re
import sys
from pathlib import Path

import pytest

from pii_sft.cli import main
from pii_sft.systems import load_system
from tests.data_builders.sources.published_files import write_all
from tests.eval.samples import Finder, make_system

ROOT = Path(__file__).parents[3]
BEGIN, END = "<!-- begin of results -->\n", "<!-- end of results -->\n"

Capture = pytest.CaptureFixture[str]


def run(folder: Path, *more: str, data: bool = True) -> int:
    given = ["--data", str(folder / "data")] if data else []
    return main(["eval", *given, "--out", str(folder / "out"), "--detector", "rules", *more])


def lines(page: str) -> list[str]:
    """The headings and the headers of the tables of a page."""
    return [line for line in page.splitlines() if line.startswith("#") or re.match(r"\| (suite|system) \|", line)]


def test_detectors_are_compared_on_several_suites(tmp_path: Path, capsys: Capture) -> None:
    write_all(tmp_path / "data")
    assert run(tmp_path, "--suite", "pii_bench_zh", "--suite", "cluener", "--suite", "pii_bench_zh") == 0
    told = capsys.readouterr()
    table = told.out.splitlines()
    assert table[0].split() == "suite of it entities system strict F1 precision recall hidden left clean".split()
    assert re.match(r"pii_bench_zh +all +3 +rules +0.8000 +1.0000 +0.6667 +0.9000", table[1])
    assert re.match(r"pii_bench_zh +chat +1 +rules +1.0000", table[2])
    assert sum(line.startswith("pii_bench_zh") for line in table) == 6
    assert json.loads(table[-1]) == {"pii_bench_zh": {"rules": 0.8}, "cluener": {"rules": 0.0}}
    assert "pii_bench_zh, rules: 2 of 2 texts" in told.err
    page = (tmp_path / "out" / "results.md").read_text(encoding="utf-8")
    assert "| cluener | label scene | 1 |" in page and load_system("rules").identity in page
    assert main(["eval", "errors", str(tmp_path / "out" / "cluener")]) == 0


def test_a_page_is_not_lost_to_that_of_another_suite(tmp_path: Path, capsys: Capture) -> None:
    write_all(tmp_path / "data")
    assert run(tmp_path, "--suite", "cluener") == 0
    assert run(tmp_path, "--suite", "pii_bench_zh") == 2
    assert "out: holds a report of cluener, not named now; choose another folder" in capsys.readouterr().err
    assert run(tmp_path, "--suite", "pii_bench_zh", "--suite", "cluener") == 0


def test_docs_hold_a_page_of_this_form(tmp_path: Path) -> None:
    write_all(tmp_path / "data")
    assert run(tmp_path, "--suite", "cluener") == 0
    page = (tmp_path / "out" / "results.md").read_text(encoding="utf-8")
    docs = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    block = docs.partition(BEGIN)[2].partition(END)[0]
    assert set(lines(block)) <= set(lines(page)) and lines(block)[0] == "## Results"


def test_what_cannot_be_measured_has_a_row_and_ends_with_an_error(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tmp_path / "data")
    (tmp_path / "data" / "cluener" / "dev.json").write_text("{}\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "argus_redact", None)
    more = ("--suite", "pii_bench_zh", "--suite", "cluener", "--detector", "argus-redact")
    assert run(tmp_path, *more) == 2
    told = capsys.readouterr()
    assert re.search(r"^pii_bench_zh +all +– +argus-redact +not measured", told.out, re.MULTILINE)
    assert re.search(r"^cluener +all +– +– +not measured", told.out, re.MULTILINE)
    assert "not measured: cluener: " in told.err and "dev.json:1: has no text in the field text" in told.err
    assert "argus-redact: this command needs the package argus_redact: pip install '.[argus]'" in told.err


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (["--suite", "conll"], "conll: not a suite; choose one of msra"),
        (["--suite", "msra", "--detector", "some"], "some: not an engine"),
        (["--suite", "msra"], "not measured: msra: needs --data, the folder that has a folder msra"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, capsys: Capture, more: list[str], fault: str) -> None:
    assert run(tmp_path, *more, data=False) == 2
    assert fault in capsys.readouterr().err


def test_random_weights_have_no_scores(tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    write_all(tmp_path / "data")
    monkeypatch.setattr("pii_sft.systems.load_system", lambda spec: make_system(Finder(()), spec, random=True))
    assert run(tmp_path, "--suite", "msra") == 2
    assert "not measured: rules: random weights have no scores" in capsys.readouterr().err
