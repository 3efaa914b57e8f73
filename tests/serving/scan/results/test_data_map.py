from collections import Counter

from schemas.taxonomy import EntityType
from serving.scan.results.assemble import ScannedFile
from serving.scan.results.data_map import data_map
from serving.scan.results.map_page import map_page
from serving.scan.results.sensitivity import classes_of
from serving.scan.results.tally import FURTHER, ColumnTally, Tally, masked
from serving.scan.settings import ScanSettings
from serving.scan.sources import SourceFile


def test_the_two_standards_differ_about_identity_cards() -> None:
    card, bank, phone = map(classes_of, ("ID_CARD_NUMBER", "BANK_CARD_NUMBER", "PHONE_NUMBER"))
    assert card.is_sensitive and not card.gb_t_45574 and "附录B" in card.gb_t_35273
    assert bank.is_sensitive and "金融账户信息" in bank.gb_t_45574
    assert not phone.is_sensitive
    assert not classes_of("项目代号").is_sensitive


def test_samples_are_masked() -> None:
    assert masked(EntityType.PHONE_NUMBER, "138-0013-8000") == "***-****-**00"
    assert masked(EntityType.PERSON_NAME, "张三") == "**"
    assert masked(EntityType.PASSWORD, "Qwer!2345678") == "************"
    tally = ColumnTally()
    for number in range(9):
        tally.sample(EntityType.PHONE_NUMBER, f"1380013800{number}")
    assert len(tally.samples["PHONE_NUMBER"]) == 3


def test_very_many_columns_are_counted_together() -> None:
    file = Tally()
    for part in range(3):
        columns = {f"{part}.{number}": ColumnTally(1, 1, Counter(EMAIL=1)) for number in range(300)}
        file.add(Tally(300, 300, 300, columns=columns))
    assert len(file.columns) == 501 and file.columns[FURTHER].types["EMAIL"] == 400
    assert Tally.of(file.to_dict()) == file
    figures = data_map([ScannedFile(SourceFile("a", "a", 1, ""), [], tally=file)], [], ScanSettings())
    shares = {column["column"]: column["share"] for column in figures["files"][0]["columns"]}
    assert shares.pop(FURTHER) is None and set(shares.values()) == {0.0011}
    assert f"<td>{FURTHER}</td><td class=number>400</td><td class=number>400</td><td>–</td>" in map_page(figures)


def test_files_with_a_fault_do_not_count() -> None:
    tally = Tally(4, 4, 1, columns={"a": ColumnTally(4, 1, Counter(EMAIL=2))})
    files = [
        ScannedFile(SourceFile(name, name, 1, ""), [], fault=fault, tally=tally)
        for name, fault in (("good", ""), ("bad", "Permission denied"))
    ]
    figures = data_map(files, [], ScanSettings())
    assert (figures["rows"], figures["rows_with_pii"]) == (4, 1)
    assert [(kind["type"], kind["count"]) for kind in figures["types"]] == [("EMAIL", 2)]
    assert figures["quarantined"] == {"files": 1, "row_groups": 0, "rows": 0}
    good, bad = figures["files"]
    assert good["columns"][0]["share"] == 0.25 and bad == {"file": "bad", "fault": "Permission denied"}
