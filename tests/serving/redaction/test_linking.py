"""Spellings of a value and parts of a name."""

import pytest

from schemas.taxonomy import EntityType as T
from serving.redaction.linking import NameIndex, normal_form, parts_of


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [
        (T.PHONE_NUMBER, ["139-0571-2468", "+86 139 0571 2468", "１３９０５７１２４６８", "008613905712468"]),
        (T.ID_CARD_NUMBER, ["33010619900307451X", "33010619900307451x", "330106 19900307 451X"]),
        (T.EMAIL, ["Lin@Example.com", "lin@example.com"]),
        (T.PERSON_NAME, ["林  小满", "林小满"]),
        (T.PERSON_NAME, ["Priya Nair", "NAIR, Priya", "priya nair"]),
        (T.ADDRESS, ["杭州市西湖区\n文三路8号", "杭州市西湖区文三路8号"]),
    ],
)
def test_spellings_of_a_value_are_equal(kind: T, spellings: list[str]) -> None:
    assert len({normal_form(kind, spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in T for value in ("-", " ", "!", "Ａ")])
def test_every_value_has_a_normal_form(kind: T, value: str) -> None:
    assert normal_form(kind, value)


@pytest.mark.parametrize(
    ("name", "parts", "others"),
    [
        ("林小满", ["林", "小满", "老林", "阿满"], ["小", "满", "林小", "小满子"]),
        ("令狐清", ["令狐", "小清"], ["令", "狐清", "清"]),
        ("林清", ["林", "小林"], ["清", "林清"]),
        ("Priya Anand Nair", ["nair", "priya", "nair priya", "nair p"], ["p", "pri", "anand p"]),
        ("伊万·彼得连科", ["伊万", "彼得连科"], ["伊", "连科"]),
        ("小满", [], ["小", "满"]),
        ("Priya", [], ["p"]),
        ("阿不都热依木", [], ["阿"]),
    ],
)
def test_parts_of_a_name(name: str, parts: list[str], others: list[str]) -> None:
    assert set(parts) <= parts_of(name) and not set(others) & parts_of(name)


def test_a_part_belongs_to_the_one_longer_name() -> None:
    names = NameIndex(["林小满", "小满", "林", "陈立", "陈立群", "Priya Nair", "Nair"])
    assert [names.whole(name) for name in ("小满", "林", "阿满", "Nair", "P. Nair")] == [
        "林小满",
        "林小满",
        "林小满",
        "Priya Nair",
        "Priya Nair",
    ]
    assert names.whole("陈") is None  # two persons have the surname
    assert names.whole("林小满") is None and names.whole("周") is None
    assert names.calls_by_surname("林小满") and not names.calls_by_surname("陈立")
