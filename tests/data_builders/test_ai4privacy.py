import json
from collections import Counter
from collections.abc import Mapping
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pii_sft
from data_builders.ai4privacy.align import aligned_pieces
from data_builders.ai4privacy.labels import AMBIGUOUS, LABELS
from data_builders.ai4privacy.licence import REPOSITORIES, check_licence, find_repository
from data_builders.ai4privacy.loader import read_ai4privacy
from data_builders.ai4privacy.merge import PARTS, Part, merge
from data_builders.ai4privacy.pieces import Piece, UnusableRowError
from data_builders.ai4privacy.versions import MARKED, annotated_types
from schemas.entity import Example
from schemas.errors import DataError
from schemas.taxonomy import EntityType as T
from tests.data_builders.openpii import openpii_rows, write_openpii

REAL = Path(pii_sft.__file__).parent.parent.parent / "shared" / "data" / "ai4privacy"
real = pytest.mark.skipif(not REAL.is_dir(), reason="the ai4privacy rows are not part of the project")

Row = dict[str, Any]


def marked(pattern: str, version: str = "openpii-1.5m", **columns: Any) -> Row:
    """A row from a text with `{LABEL:value}` in it."""
    text, mask = "", []
    for index, item in enumerate(pattern.replace("}", "{").split("{")):
        label, _, value = item.partition(":") if index % 2 else ("", "", item)
        if label:
            mask.append({"label": label, "start": len(text), "end": len(text) + len(value), "value": value})
        text += value
    return {"source_text": text, "privacy_mask": mask, "uid": 7, "language": "en", **columns}


def read(row: Mapping[str, Any], version: str = "openpii-1.5m", place: str = "data/rows.jsonl:3") -> Example | None:
    return next(read_ai4privacy([(place, row)], ["en", "zh"], Counter(), version), None)


def counts(row: Mapping[str, Any], version: str = "openpii-1.5m") -> Counter[str]:
    report: Counter[str] = Counter()
    list(read_ai4privacy([("rows.jsonl:1", row)], ["en", "zh"], report, version))
    return report


def found(example: Example | None) -> list[tuple[str, str]]:
    assert example is not None
    text = example.document.text
    return [(str(entity.type), text[entity.start : entity.end]) for entity in example.entities]


def entities(pattern: str, version: str = "openpii-1.5m") -> list[tuple[str, str]]:
    return found(read(marked(pattern), version))


def real_rows(name: str, version: str) -> list[Example]:
    path = REAL / name
    with path.open(encoding="utf-8") as lines:
        rows = [(f"{path}:{number}", json.loads(line)) for number, line in enumerate(lines, start=1)]
    examples = list(read_ai4privacy(rows, ["English"], Counter(), version))
    assert len(examples) == len(rows)
    return examples


@real
def test_real_openpii_rows() -> None:
    examples = real_rows("openpii_mini_10k.six_rows.jsonl", "openpii-mini-10k")
    assert [found(example) for example in examples] == [
        [("PERSON_NAME", "Allisson Circé"), ("TAX_NUMBER", "08535 55019"), ("DRIVER_LICENSE_NUMBER", "PC12RZ5WT2")],
        [("PERSON_NAME", "Kaylen Chouaibi"), ("PASSPORT_NUMBER", "KN5292504")],
        [
            ("PERSON_NAME", "Nure Lenah Limmen"),
            ("EMAIL", "anridacker@outlook.com"),
            ("PHONE_NUMBER", "098-9364-3804"),
            ("ADDRESS", "7064 Dewdney Avenue, Mississauga L0P 1B0"),
            ("TAX_NUMBER", "9623544587"),
            ("BANK_CARD_NUMBER", "4780577429823443"),
        ],
        [("PERSON_NAME", "Boguslaw Nam Nevo"), ("AGE", "71")],
        [("PERSON_NAME", "Izmir Farsa"), ("EMAIL", "DB@gmail.com")],
        [("ADDRESS", "Range Road 3085 63, Vineland Station R3Y"), ("BANK_CARD_NUMBER", "3132353282373130402")],
    ]
    assert [(example.document.id, example.source, example.family) for example in examples[:2]] == [
        ("ai4privacy-20904559", "ai4privacy", "openpii-mini-10k"),
        ("ai4privacy-20906506", "ai4privacy", "openpii-mini-10k"),
    ]


@real
def test_real_rows_of_older_versions() -> None:
    assert [found(example) for example in real_rows("pii_masking_200k.two_rows.jsonl", "200k")] == [
        [("DEVICE_ID", "06-184755-866851-3")],
        [("PERSON_NAME", "Omer"), ("VEHICLE_VIN", "78B5R2MVFAHJ48500")],
    ]
    (example,) = real_rows("pii_masking_300k.card_row.jsonl", "300k")
    assert example.document.id == "ai4privacy-40767A"
    assert found(example) == [
        ("USERNAME", "wynqvrh053"),
        ("DATE_TIME", "10:20am"),
        ("USERNAME", "luka.burg"),
        ("DATE_TIME", "21"),
        ("USERNAME", "qahil.wittauer"),
        ("DATE_TIME", "quarter past 13"),
        ("USERNAME", "gholamhossein.ruschke"),
        ("DATE_TIME", "9:47 PM"),
        ("USERNAME", "pdmjrsyoz1460"),
    ]
    (example,) = real_rows("pii_masking_400k.first_row.jsonl", "400k")
    assert example.document.id == "ai4privacy-pii_masking_400k.first_row.jsonl:1"
    assert found(example) == [
        ("USERNAME", "faozzsd379223"),
        ("DATE_OF_BIRTH", "May/58"),
        ("USERNAME", "faozzsd379223"),
        ("ADDRESS", "Hill Road"),
        ("POSTAL_CODE", "28170-6392"),
        ("PHONE_NUMBER", "0070.606.322.6244"),
        ("BANK_CARD_NUMBER", "6225427220412963"),
        ("EMAIL", "faozzsd379223@outlook.com"),
    ]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{TITLE:Mr} {GIVENNAME:Ada} {SURNAME:Lorn} here", ["Ada Lorn"]),
        ("{GIVENNAME:Ada} M. {SURNAME:Lorn}", ["Ada M. Lorn"]),
        ("{GIVENNAME:Ada} {MIDDLENAME:M}. {SURNAME:Lorn}", ["Ada M. Lorn"]),
        ("{SURNAME:欧阳}{GIVENNAME:明}{TITLE:先生}", ["欧阳明"]),
        ("{GIVENNAME:艾达}·{SURNAME:洛恩}", ["艾达·洛恩"]),
        ("{SURNAME:张}{GIVENNAME:三}{SURNAME:李}{GIVENNAME:四}", ["张三", "李四"]),
        ("{GIVENNAME:小明}{GIVENNAME:小红}", ["小明", "小红"]),
        ("{GIVENNAME:Ada} {SURNAME:Lorn}\n{GIVENNAME:Bo} {SURNAME:Mell}", ["Ada Lorn", "Bo Mell"]),
        ("{GIVENNAME:Ada} and {GIVENNAME:Bo} {SURNAME:Mell}", ["Ada", "Bo Mell"]),
        ("{FULLNAME:Dr. Ada Lorn Jr.}: hello", ["Ada Lorn"]),
        ("{NAME:Ada Lorn}", ["Ada Lorn"]),
    ],
)
def test_names(pattern: str, expected: list[str]) -> None:
    assert entities(pattern) == [("PERSON_NAME", value) for value in expected]


def test_numbered_names_of_300k() -> None:
    names = entities("{LASTNAME1:Lorn} {LASTNAME2:Mell}, {GIVENNAME1:Ada}", "300k")
    assert names == [("PERSON_NAME", "Lorn Mell"), ("PERSON_NAME", "Ada")]


@pytest.mark.parametrize("label", ["FIRSTNAME", "GIVENNAME1", "DATEOFBIRTH"])
def test_a_file_of_a_closed_version_is_not_taken_for_an_open_one(label: str) -> None:
    with pytest.raises(DataError, match=rf"rows\.jsonl:3: openpii-1\.5m has no label {label}; the file is of another"):
        read(marked(f"{{{label}:Ada}}"))
    assert read(marked(f"{{{label}:Ada}}"), "400k") is not None


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (
            "{BUILDING:12} {STREET:Oak Road}, {CITY:Wells}, {STATE:KS} {POSTCODE:12345}",
            [("ADDRESS", "12 Oak Road, Wells, KS 12345")],
        ),
        ("{STREET:Oak Road} {BUILDING:12}\n{POSTCODE:12345} {CITY:Wells}", [("ADDRESS", "Oak Road 12\n12345 Wells")]),
        ("{STATE:江北省}{CITY:云川市}{STREET:长安路}{BUILDING:88号}", [("ADDRESS", "江北省云川市长安路88号")]),
        ("{BUILDING:12} {STREET:Oak Road}", [("ADDRESS", "12 Oak Road")]),
        ("on {STREET:Oak Road} today", [("ADDRESS", "Oak Road")]),
        ("{CITY:Wells} {POSTCODE:12345}", [("ADDRESS", "Wells 12345")]),
        ("in {CITY:Wells} today", [("LOCATION", "Wells")]),
        ("in {STATE:Kansas}", [("LOCATION", "Kansas")]),
        ("in {CITY:Wells}, {STATE:Kansas}", [("LOCATION", "Wells, Kansas")]),
        ("from {CITY:Wells}, {CITY:Hull}", [("LOCATION", "Wells"), ("LOCATION", "Hull")]),
        ("{CITY:云川}、{STATE:江北}", [("LOCATION", "云川"), ("LOCATION", "江北")]),
        ("code {POSTCODE:12345}", [("POSTAL_CODE", "12345")]),
        ("house {BUILDING:12}", []),
        (
            "{BUILDING:1} {STREET:Oak Road}, {BUILDING:2} {STREET:Elm Road}",
            [("ADDRESS", "1 Oak Road"), ("ADDRESS", "2 Elm Road")],
        ),
        ("{STREET:Oak Road}\n\n{CITY:Wells}", [("ADDRESS", "Oak Road"), ("LOCATION", "Wells")]),
    ],
)
def test_addresses(pattern: str, expected: list[tuple[str, str]]) -> None:
    assert entities(pattern, "300k") == expected


def test_a_name_does_not_join_an_address() -> None:
    assert entities("{SURNAME:Lorn} {STREET:Oak Road}") == [("PERSON_NAME", "Lorn"), ("ADDRESS", "Oak Road")]


gaps = st.sampled_from(["", " ", ", ", "\n", "·", " J. ", "，", " und ", ". "])
labels = st.sampled_from(sorted(label for label, kind in LABELS.items() if kind))
values = st.text("aB1张. ", min_size=1, max_size=4)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(gaps, labels, values), max_size=12), gaps)
def test_merged_entities_are_disjoint_and_hold_each_piece_once(items: list[tuple[str, str, str]], last: str) -> None:
    text, pieces = "", []
    for gap, label, value in items:
        start = len(text) + len(gap)
        pieces.append(Piece(start, start + len(value), label))
        text += gap + value
    merged = merge(text + last, pieces, Counter())
    assert all(before.end <= after.start for before, after in pairwise(merged))
    assert all(0 <= entity.start < entity.end <= len(text) for entity in merged)
    for piece in pieces:
        holders = [entity for entity in merged if entity.start <= piece.start and piece.end <= entity.end]
        assert len(holders) == 1 or (not holders and PARTS.get(piece.label) in (Part.BUILDING, Part.FLAT))


def test_every_label_of_every_version_is_in_the_table() -> None:
    assert {label for marks in MARKED.values() for label in marks} <= set(LABELS)
    assert not AMBIGUOUS & set(LABELS)
    assert {repository.version for repository in REPOSITORIES} == set(MARKED)
    assert set(PARTS) <= set(LABELS)


def test_parts_alone_have_the_type_that_the_label_table_says() -> None:
    assert {LABELS[label] for label in PARTS} == {T.PERSON_NAME, T.ADDRESS, T.LOCATION, T.POSTAL_CODE}


def test_only_types_marked_throughout_are_annotated() -> None:
    openpii = set(annotated_types("openpii-1.5m"))
    assert {T.PERSON_NAME, T.ADDRESS, T.POSTAL_CODE, T.GENDER, T.AGE} <= openpii
    assert not {T.LOCATION, T.DATE_TIME, T.DATE_OF_BIRTH, T.ORGANIZATION, T.USERNAME, T.BANK_ACCOUNT_NUMBER} & openpii
    assert {T.LOCATION, T.DATE_TIME, T.DATE_OF_BIRTH} <= set(annotated_types("300k"))
    assert T.DATE_TIME in annotated_types("200k")
    assert T.DATE_TIME not in annotated_types("open-500k")
    assert not any({T.ORGANIZATION, T.JOB_TITLE} & set(annotated_types(version)) for version in MARKED)


def test_entities_of_other_types_are_left_out_and_counted() -> None:
    row = marked("{GIVENNAME:Ada} in {CITY:Wells} on {DATE:May 1}, {ORGANISATION:Acme}")
    example = read(row)
    assert found(example) == [("PERSON_NAME", "Ada")]
    assert example is not None and example.annotated == annotated_types("openpii-1.5m")
    report = counts(row)
    assert report["left out: LOCATION, which openpii-1.5m does not mark throughout"] == 1
    assert report["left out: ORGANIZATION, which openpii-1.5m does not mark throughout"] == 1


def test_versions_are_found_by_short_name_and_repository() -> None:
    names = ["openpii-1.5m", "pii-masking-openpii-1.5m", "ai4privacy/pii-masking-openpii-1.5m"]
    assert {find_repository(name).version for name in names} == {"openpii-1.5m"}
    assert [repository.version for repository in REPOSITORIES if repository.chinese] == ["openpii-1.5m"]
    with pytest.raises(DataError, match=r"'pii-masking-9m' is no known ai4privacy version; known: ai4privacy/pii-m"):
        find_repository("pii-masking-9m")
    with pytest.raises(DataError, match="no known"):
        list(read_ai4privacy([], ["en"], Counter(), "9m"))


@pytest.mark.parametrize("name", ["open-pii-masking-500k-ai4privacy", "openpii-1m", "pii-masking-openpii-1.5m"])
def test_open_licences_pass(name: str) -> None:
    check_licence(name, accepted=False)


@pytest.mark.parametrize("name", ["43k", "65k", "pii-masking-200k", "ai4privacy/pii-masking-300k", "400k"])
def test_other_licences_must_be_accepted(name: str) -> None:
    with pytest.raises(DataError, match=r"forbids commercial use or derivatives .* accept_license=true"):
        check_licence(name, accepted=False)
    check_licence(name, accepted=True)


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
        expected = [Piece(item["start"], item["end"], item["label"]) for item in row["privacy_mask"]]
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
        (marked("{SHOESIZE:43}"), r"unknown label 'SHOESIZE'; add it to data_builders/ai4privacy/labels\.py"),
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
