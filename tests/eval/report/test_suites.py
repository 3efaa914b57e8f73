"""The table and the page of suites."""

from pathlib import Path

from eval.evaluate import Plan, evaluate
from eval.figures import Figures
from eval.report.suites import HEADER, result_rows, suites_page
from eval.suites import OpenSuite, SuiteResults, SystemVersion, open_suite
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from tests.eval.samples import NAME, PHONE, RIGHT, example, systems_by_spec


def results(folder: Path, *specs: str, unloaded: dict[str, str] | None = None) -> SuiteResults:
    formal = [example(number, *RIGHT, source="formal") for number in range(2)]
    chat = [example(8, Entity(0, 2, NAME), source="chat"), example(9, source="chat")]
    types = (NAME, PHONE, T.QQ_NUMBER)
    suite = open_suite("bench", [*formal, *chat], folder / "bench", types, None, {"a.jsonl": "12ab"}, {"label x": 1234})
    systems = systems_by_spec()
    versions = tuple(SystemVersion(spec, systems[spec].description, systems[spec].identity) for spec in specs)
    measured: tuple[tuple[OpenSuite, Figures], ...] = ()
    if specs:
        plan = Plan(suite.dataset, suite.types, folder / "bench", 0)
        measured = ((suite, evaluate(plan, specs, systems.__getitem__, lambda *_: None)),)
    unread = {"cluener": "has no file dev.json"}
    return SuiteResults(versions, measured, unread, unloaded or {}, {"cpu": "one", "gpu": None})


def test_a_row_for_all_each_part_and_each_type_of_each_system(tmp_path: Path) -> None:
    rows = result_rows(results(tmp_path, "good", "bad"))
    assert [(row[1], row[2], row[3]) for row in rows[:-1]] == [
        (of_it, entities, system)
        for of_it, entities in (
            ("all", "7"),
            ("chat", "1"),
            ("formal", "6"),
            ("PERSON_NAME", "5"),
            ("PHONE_NUMBER", "2"),
        )
        for system in ("good", "bad")
    ]
    assert rows[0] == ("bench", "all", "7", "good", "0.7368", "0.5833", "1.0000", "1.0000", "0.0000 of 1")
    assert rows[6][-1] == "–"
    assert rows[9] == ("bench", "PHONE_NUMBER", "2", "bad", "0.0000", "–", "0.0000", "0.0000", "–")
    assert all(len(row) == len(HEADER) for row in rows)


def test_what_was_not_measured_has_a_row(tmp_path: Path) -> None:
    rows = result_rows(results(tmp_path, "good", unloaded={"lac:/home/me/x": "needs a package"}))
    assert rows[-1] == ("cluener", "all", "–", "–", "not measured", "–", "–", "–", "–")
    assert rows[-2] == ("bench", "all", "–", "lac:x", "not measured", "–", "–", "–", "–")


def test_the_page_has_versions_hashes_and_what_was_left_out(tmp_path: Path) -> None:
    page = suites_page(results(tmp_path, "good", unloaded={"lac": "needs a package"}))
    assert "| bench | all | 7 | good | 0.7368 |" in page
    assert "| good | the good | 1 |" in page
    assert "| bench | 4 | 52 | a.jsonl | 12ab |" in page
    assert "| bench | label x | 1,234 |" in page
    assert "Not measured: cluener: has no file dev.json." in page and "Not measured: lac: needs a package." in page
    assert "cpu one." in page


def test_nothing_measured_is_still_a_table(tmp_path: Path) -> None:
    assert result_rows(results(tmp_path)) == [("cluener", "all", "–", "–", "not measured", "–", "–", "–", "–")]
    assert "Not measured: cluener" in suites_page(results(tmp_path))
