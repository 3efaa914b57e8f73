from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data_builders.sources.ai4privacy.labels import AMBIGUOUS, LABELS
from data_builders.sources.ai4privacy.licence import REPOSITORIES, check_licence, find_repository
from data_builders.sources.ai4privacy.merge_pieces import PARTS, Part, merge_pieces
from data_builders.sources.ai4privacy.pieces import LabelledPiece
from data_builders.sources.ai4privacy.read import read_ai4privacy
from data_builders.sources.ai4privacy.versions import MARKED, annotated_types
from schemas.errors import DataError
from schemas.taxonomy import EntityType as T
from tests.data_builders.sources.ai4privacy_rows import REAL, counts, entities, found, marked, read, real_rows

real = pytest.mark.skipif(not REAL.is_dir(), reason="the ai4privacy rows are not part of the project")


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
        pieces.append(LabelledPiece(start, start + len(value), label))
        text += gap + value
    merged = merge_pieces(text + last, pieces, Counter())
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
