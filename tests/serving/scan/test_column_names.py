import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet

from pii_sft.detector import Detector
from schemas.spans.prediction import Prediction
from serving.engines.custom_rules import CustomRulesError
from serving.engines.rules.engine import RulesEngine
from tests.serving.scan.cases import EMAIL, PHONE, contents, findings, quarantined, scanned


@pytest.mark.parametrize("rows", ["", f"2,{EMAIL}\n3,x\n"])
def test_a_table_without_a_header_is_told_of_and_not_copied(tmp_path: Path, rows: str) -> None:
    (tmp_path / "a.csv").write_text(f"1,{PHONE}\n{rows}")
    told: list[str] = []
    (file,) = scanned([tmp_path / "a.csv"], tmp_path / "out", tell=told.append).figures["files"]
    assert "a.csv: names of columns hold personal data: [PHONE_NUMBER]; it may have no header" in told
    assert file["names_with_pii"] == ["[PHONE_NUMBER]"]
    assert [found[:4] for found in findings(tmp_path / "out")] == [("a.csv", 0, "[PHONE_NUMBER]", "EMAIL")] * bool(rows)
    outcome = scanned([tmp_path / "a.csv"], tmp_path / "copied", operator="mask")
    reason = "names of its columns hold personal data ([PHONE_NUMBER]); it may have no header"
    assert quarantined(tmp_path / "copied") == [{"file": "a.csv", "reason": reason}]
    assert outcome.quarantined == "1 files" and not (tmp_path / "copied" / "redacted" / "a.csv").exists()
    assert PHONE.encode() not in b"".join(
        [*contents(tmp_path / "out").values(), *contents(tmp_path / "copied").values()]
    )


def test_people_in_a_first_row_are_told_of_and_not_copied(tmp_path: Path) -> None:
    rows = "李四光,上海市浦东新区世纪大道100号\n赵大海,北京市朝阳区建国路8号\n"
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    tagger = Detector.load().engine
    told: list[str] = []
    scanned([tmp_path / "a.csv"], tmp_path / "out", detect=tagger.detect, tell=told.append)
    shown = "(a name or an address in column 1), (a name or an address in column 2)"
    assert f"a.csv: names of columns hold personal data: {shown}; it may have no header" in told
    scanned([tmp_path / "a.csv"], tmp_path / "copied", detect=tagger.detect, operator="mask")
    assert not (tmp_path / "copied" / "redacted" / "a.csv").exists()
    written = b"".join([*contents(tmp_path / "out").values(), *contents(tmp_path / "copied").values()])
    assert "李四光".encode() not in written and "世纪大道".encode() not in written


def test_names_beside_numbers_in_a_first_row_are_masked_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"张三 {PHONE}，北京市海淀区中关村大街27号,x\n1,2\n", encoding="utf-8")
    told: list[str] = []
    scanned([tmp_path / "a.csv"], tmp_path / "out", detect=Detector.load().engine.detect, tell=told.append)
    shown = b"".join([*contents(tmp_path / "out").values(), "".join(told).encode()])
    assert b"[PHONE_NUMBER]" in shown
    assert not any(value.encode() in shown for value in ("张三", PHONE, "中关村"))


def test_years_days_and_codes_name_columns(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,1985,1990-01-01,19850302,1999-12,E00013,A1000016,39.9042\nx,1,1,1,1,1,1,1\n")
    tagger = Detector.load().engine
    (file,) = scanned([tmp_path / "a.csv"], tmp_path / "out", tagger.detect).figures["files"]
    assert file["names_with_pii"] == []


def test_a_first_row_that_cannot_be_searched_is_not_copied(tmp_path: Path) -> None:
    def picky(texts: Sequence[str]) -> list[Prediction]:
        if any(", " in text for text in texts):
            raise CustomRulesError("custom rules take too long or find too much")
        return RulesEngine().detect(texts)

    (tmp_path / "a.csv").write_text("李四光,赵大海\n1,2\n", encoding="utf-8")
    scanned([tmp_path / "a.csv"], tmp_path / "copied", detect=picky, operator="mask")
    assert "(a name that cannot be searched)" in quarantined(tmp_path / "copied")[0]["reason"]


def test_names_of_columns_that_are_not_read_are_masked(tmp_path: Path) -> None:
    parquet.write_table(pyarrow.table({"text": ["x"], PHONE: [1]}), tmp_path / "a.parquet")
    scanned([tmp_path / "a.parquet"], tmp_path / "out")
    scanned([tmp_path / "a.parquet"], tmp_path / "copied", operator="label")
    assert quarantined(tmp_path / "copied")[0]["reason"].startswith("names of its columns hold personal data")
    written = {**contents(tmp_path / "out"), **contents(tmp_path / "copied")}
    assert written and PHONE.encode() not in b"".join(written.values())


def test_keys_of_json_are_masked_and_their_rows_not_copied(tmp_path: Path) -> None:
    records = [{"users": {PHONE: {"name": EMAIL}}}, {"weixin": "好"}, {"users": {"13900139000": {"name": "x"}}}]
    (tmp_path / "a.jsonl").write_text("".join(f"{json.dumps(record)}\n" for record in records))
    (file,) = scanned([tmp_path / "a.jsonl"], tmp_path / "out").figures["files"]
    assert [(column["column"], column["rows"]) for column in file["columns"]] == [
        ("users.[PHONE_NUMBER].name", 2),
        ("weixin", 1),
    ]
    assert [found[2] for found in findings(tmp_path / "out")] == ["users.[PHONE_NUMBER].name"]
    outcome = scanned([tmp_path / "a.jsonl"], tmp_path / "copied", operator="label")
    assert [(row["row"], row["reason"]) for row in quarantined(tmp_path / "copied")] == [
        (row, "the name of a field holds personal data") for row in (0, 2)
    ]
    assert outcome.quarantined == "2 rows"
    assert (tmp_path / "copied" / "redacted" / "a.jsonl").read_text() == '{"weixin": "\\u597d"}\n'
    written = b"".join([*contents(tmp_path / "out").values(), *contents(tmp_path / "copied").values()])
    assert PHONE.encode() not in written and b"13900139000" not in written


def test_names_of_columns_that_are_not_read_and_of_files_are_told_without_values(tmp_path: Path) -> None:
    folder = tmp_path / f"组{EMAIL}"
    folder.mkdir()
    table = pyarrow.table({"text": ["无"], PHONE: [1]})
    parquet.write_table(table, folder / "a.parquet")
    told: list[str] = []
    scanned([folder], tmp_path / "out", tell=told.append)
    assert "a.parquet: columns that hold no texts are not read: [PHONE_NUMBER]" in told
    (tmp_path / "in" / f"组{EMAIL}").mkdir(parents=True)
    (tmp_path / "in" / f"组{EMAIL}" / f"{PHONE}.txt").write_text("无", encoding="utf-8")
    scanned([tmp_path / "in"], tmp_path / "copies", tell=told.append, operator="label")
    assert any(one.endswith("the name itself holds EMAIL, PHONE_NUMBER and is not redacted") for one in told)
