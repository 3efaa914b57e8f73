import json
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from data_builders.sources.ai4privacy.align import aligned_pieces
from data_builders.sources.ai4privacy.pieces import LabelledPiece, UnusableRowError
from data_builders.sources.ai4privacy.read import read_ai4privacy
from data_builders.sources.ai4privacy.versions import annotated_types
from schemas.errors import DataError
from tests.data_builders.sources.ai4privacy_rows import Row, counts, found, marked, read
from tests.data_builders.sources.openpii import openpii_rows, write_openpii


def test_mask_as_json_string_reads_like_a_list() -> None:
    row = marked("{SURNAME:Lorn}{GIVENNAME:Ada} 😀 {EMAIL:a@b.example}")
    assert read(row | {"privacy_mask": json.dumps(row["privacy_mask"])}) == read(row)


def utf16(text: str, offset: int) -> int:
    return len(text[:offset].encode("utf-16-le")) // 2


def test_utf16_offsets_are_mended() -> None:
    row = marked("😀😀 {GIVENNAME:A😀da} {EMAIL:a@b.example}")
    text = row["source_text"]
    mask = [
        item | {"start": utf16(text, item["start"]), "end": utf16(text, item["end"])} for item in row["privacy_mask"]
    ]
    assert found(read(row | {"privacy_mask": mask})) == [("PERSON_NAME", "A😀da"), ("EMAIL", "a@b.example")]


@pytest.mark.parametrize(
    "change", [{"start": 0, "end": 1}, {"start": 9, "end": 9}, {"start": -4}, {"end": 99}, {"value": "\ud800"}]
)
def test_other_offsets_drop_the_row(change: dict[str, Any]) -> None:
    row = marked("😀😀 {GIVENNAME:A😀da} {EMAIL:a@b.example}")
    mask = [row["privacy_mask"][0], row["privacy_mask"][1] | change]
    assert counts(row | {"privacy_mask": mask})["dropped: offsets do not match"] == 1


def test_pieces_in_any_order_and_overlapping_ones() -> None:
    row = marked("{GIVENNAME:Ada} {SURNAME:Lorn}")
    assert read(row | {"privacy_mask": row["privacy_mask"][::-1]}) == read(row)
    twice = [*row["privacy_mask"], {"label": "EMAIL", "start": 2, "end": 5, "value": "a L"}]
    assert counts(row | {"privacy_mask": twice})["dropped: pieces overlap"] == 1


def test_43k_is_aligned_with_its_template() -> None:
    row = {
        "Template": "Talk [TO_ME] with [FULLNAME_1] and [FULLNAME_2], call from [IPV4_1] ([PASSWORD_1]).",
        "Filled Template": "Talk [TO_ME] with Dr. Ada Lorn and Bo Mell, call from 10.0.0.1 (x1).",
        "Tokenised Filled Template": "[]",
        "Tokens": "[]",
    }
    example = read(row, "43k")
    assert found(example) == [
        ("PERSON_NAME", "Ada Lorn"),
        ("PERSON_NAME", "Bo Mell"),
        ("IP_ADDRESS", "10.0.0.1"),
        ("PASSWORD", "x1"),
    ]
    assert example is not None and (example.document.id, example.family) == ("ai4privacy-rows.jsonl:3", "43k")


def test_65k_is_aligned_and_takes_its_language_from_the_file_name() -> None:
    row = {
        "masked_text": "[PREFIX_1] [LASTNAME_1] of [COMPANY_NAME_1]: [PHONE_NUMBER_1]",
        "unmasked_text": "Ms. Lorn of Acme Ltd: 555-0100",
        "token_entity_labels": [],
    }
    example = read(row, "65k", "data/english_balanced_10k.jsonl:4")
    assert found(example) == [("PERSON_NAME", "Lorn"), ("PHONE_NUMBER", "555-0100")]
    assert read(row, "65k", "data/french_balanced_5k.jsonl:4") is None
    assert counts(row, "65k") == {"rows": 1, "dropped: no language": 1}


@pytest.mark.parametrize(
    ("text", "masked", "reason"),
    [
        ("Ada Lorn Mell", "[FIRSTNAME_1] [LASTNAME_1]", "more than one way"),
        ("AdaLorn", "[FIRSTNAME][LASTNAME]", "more than one way"),
        ("Hello Ada", "Hi [FIRSTNAME_1]", "does not fit"),
        ("Hi Ada", "Hi [FIRSTNAME_1]!", "does not fit"),
        ("Hi ", "Hi [FIRSTNAME_1]", "does not fit"),
        ("Hi Ada", "[FIRSTNAME_1] from [CITY_1]", "does not fit"),
        ("Hi Ada", "Hi", "does not fit"),
    ],
)
def test_doubtful_alignments_are_refused(text: str, masked: str, reason: str) -> None:
    with pytest.raises(UnusableRowError, match=reason):
        aligned_pieces(text, masked)


def test_alignment_without_placeholders() -> None:
    assert aligned_pieces("Hi", "Hi") == []


def test_alignment_finds_the_pieces_of_openpii_rows_or_refuses() -> None:
    aligned = 0
    for row in openpii_rows(200, seed=3):
        expected = [LabelledPiece(item["start"], item["end"], item["label"]) for item in row["privacy_mask"]]
        try:
            assert aligned_pieces(row["source_text"], row["masked_text"]) == expected
            aligned += 1
        except UnusableRowError as error:
            assert "more than one way" in str(error)
    assert aligned > 50


def test_ambiguous_labels_drop_the_row() -> None:
    row = marked("{MASKEDNUMBER:4000123} of {FIRSTNAME:Ada}")
    assert counts(row, "200k")["dropped: MASKEDNUMBER or NUMBER may stand for several types"] == 1


def test_languages_are_normalised_and_others_skipped() -> None:
    rows = [
        (f"rows.jsonl:{number}", marked("{GIVENNAME:Ada}", language=name))
        for number, name in enumerate(["English", "en-GB", "zh", "Chinese", "zh_CN", "fr", "German"], start=1)
    ]
    report: Counter[str] = Counter()
    assert len(list(read_ai4privacy(rows, ["chinese"], report, "openpii-1.5m"))) == 3
    assert report == {
        "rows": 7,
        "rows in en": 2,
        "rows in zh": 3,
        "rows in fr": 1,
        "rows in de": 1,
        "mapped to PERSON_NAME": 3,
    }


def test_report_counts_types_ignored_labels_merges_and_what_is_left_out() -> None:
    report = counts(marked("{TITLE:Ms} {GIVENNAME:Ada} {SURNAME:Lorn}, flat {SECONDARYADDRESS:4}"))
    assert report == {
        "rows": 1,
        "rows in en": 1,
        "ignored: TITLE": 1,
        "mapped to PERSON_NAME": 2,
        "mapped to ADDRESS": 1,
        "merged: given + family to PERSON_NAME": 1,
        "left out: building or flat by itself": 1,
    }


@pytest.mark.parametrize("text", ["", " \n", None, "Ada \ud800"])
def test_rows_without_usable_text_are_dropped(text: str | None) -> None:
    report = counts({"source_text": text, "privacy_mask": [], "language": "en"})
    assert sum(count for name, count in report.items() if name.startswith("dropped: ")) == 1


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (marked("{SHOESIZE:43}"), r"unknown label 'SHOESIZE'; add it to data_builders/sources/ai4privacy/labels\.py"),
        ({"text": "Ada", "language": "en"}, "no text column; expected one of source_text, unmasked_text"),
        ({"Filled Template": "Ada", "language": "en"}, "no column 'Template' with the masked text"),
        ({"source_text": "Ada", "language": "en"}, "privacy_mask is NoneType, not a list"),
        ({"source_text": "Ada", "language": "en", "privacy_mask": "[{"}, "privacy_mask is no JSON"),
        ({"source_text": "Ada", "language": "en", "privacy_mask": "{}"}, "privacy_mask is dict, not a list"),
        ({"source_text": "Ada", "language": "en", "privacy_mask": ["x"]}, "lacks label, start, end or value"),
        ({"source_text": "Ada", "language": "en", "privacy_mask": [{"start": 1}]}, "lacks label, start, end or value"),
        (
            {
                "source_text": "Ada",
                "language": "en",
                "privacy_mask": [{"start": "0", "end": 3, "label": "A", "value": "Ada"}],
            },
            "no whole numbers as offsets",
        ),
    ],
)
def test_errors_name_the_place(row: Row, message: str) -> None:
    with pytest.raises(DataError, match=rf"^data/rows\.jsonl:3: .*{message}"):
        read(row)


def test_generated_rows_are_all_readable_and_repeatable() -> None:
    rows = list(openpii_rows(400, seed=5))
    assert rows == list(openpii_rows(400, seed=5)) != list(openpii_rows(400, seed=6))
    report: Counter[str] = Counter()
    examples = list(
        read_ai4privacy(((f"rows:{n}", row) for n, row in enumerate(rows)), ["zh", "en"], report, "openpii-1.5m")
    )
    assert len(examples) == len({example.document.id for example in examples}) == 400
    assert {"zh", "en"} == {row["language"] for row in rows}
    assert {entity.type for example in examples for entity in example.entities} == set(annotated_types("openpii-1.5m"))
    assert not any(name.startswith("dropped") for name in report)


def test_generated_rows_are_not_near_duplicates() -> None:
    texts = [row["source_text"] for row in openpii_rows(300, seed=1)]
    shingles = [{text[start : start + 5] for start in range(len(text) - 4)} for text in texts]
    assert all(len(a & b) / len(a | b) < 0.9 for a, b in combinations(shingles, 2))


def test_generated_files_hold_the_rows(tmp_path: Path) -> None:
    write_openpii(tmp_path / "rows.jsonl", 20, seed=2)
    lines = (tmp_path / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == list(openpii_rows(20, seed=2))
    parquet = pytest.importorskip("pyarrow.parquet")
    write_openpii(tmp_path / "rows.parquet", 20, seed=2)
    table = parquet.read_table(tmp_path / "rows.parquet").to_pylist()
    assert [read(row) for row in table] == [read(row) for row in openpii_rows(20, seed=2)]
