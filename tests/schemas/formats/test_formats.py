"""Every format: its examples pass its check, its surrogates keep the form, equal spellings have one normal form."""

import re
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.draw import groups, weighted
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType
from schemas.taxonomy import EntityType as T
from schemas.text.fold import fold

SPELLINGS = [
    (
        T.PHONE_NUMBER,
        "+8613800138000",
        ["13800138000", "138-0013-8000", "１３８００１３８０００", "(+86) 138 0013 8000"],
    ),
    (T.PHONE_NUMBER, "+862168880000", ["021-68880000", "(021)6888 0000", "+86 (0)21 6888 0000", "0086-21-68880000"]),
    (T.PHONE_NUMBER, "+862168880000x801", ["021-68880000转801", "02168880000 ext. 801", "+86 21 6888 0000x801"]),
    (T.PHONE_NUMBER, "+442079460958", ["+44 (0)20 7946 0958", "0044 20 7946 0958"]),
    (T.PHONE_NUMBER, "68880000", ["6888 0000", "6888-0000"]),
    (T.PHONE_NUMBER, "+8613800138000", ["幺三八零零一三八〇〇〇", "壹叁捌 零零壹叁 捌零零零"]),
    (T.EMAIL, "a.b@example.com", ["A.B@Example.COM", "ａ．ｂ＠ｅｘａｍｐｌｅ．ｃｏｍ"]),
    (
        T.ID_CARD_NUMBER,
        "11010519491231002X",
        ["110105 19491231 002x", "110105-19491231-002X", "１１０１０５１９４９１２３１００２Ｘ"],
    ),
    (T.ID_CARD_NUMBER, "A1234563", ["A123456(3)", "a123456（3）"]),
    (T.BANK_CARD_NUMBER, "4111111111111111", ["4111 1111 1111 1111", "4111-1111-1111-1111"]),
    (T.BANK_ACCOUNT_NUMBER, "DE89370400440532013000", ["DE89 3704 0044 0532 0130 00", "de89370400440532013000"]),
    (T.TAX_NUMBER, "91350100M000100Y43", ["9135 0100 m000 100y 43"]),
    (T.LICENSE_PLATE, "京A12345", ["京A·12345", "京a 12345", "京Ａ-１２３４５"]),
    (T.VEHICLE_VIN, "1M8GDM9AXKP042788", ["1m8gdm9axkp042788", "1M8GDM9AX KP042788"]),
    (T.DATE_OF_BIRTH, "1990-03-07", ["1990年3月7日", "1990/03/07", "1990.3.7", "19900307", "1990 年 3 月 7 日"]),
    (T.DATE_OF_BIRTH, "1990-12-20", ["一九九〇年十二月二十日", "1990年12月20日"]),
    (T.DATE_OF_BIRTH, "1990-03", ["1990年3月", "1990/3"]),
    (T.SECRET_KEY, "sk-Ab1", ["ｓｋ－Ａｂ１"]),
    (T.WECHAT_ID, "wxid_a1b2", ["WXID_A1B2"]),
    (T.QQ_NUMBER, "10001", ["１０００１", "10 001"]),
    (T.IP_ADDRESS, "2001:db8::1", ["2001:0DB8:0:0:0:0:0:1", "2001:db8::0001"]),
    (T.MAC_ADDRESS, "001A2B3C4D5E", ["00:1a:2b:3c:4d:5e", "00-1A-2B-3C-4D-5E", "001a.2b3c.4d5e"]),
    (T.DEVICE_ID, "490154203237518", ["49-015420-323751-8"]),
    (T.GEO_COORDINATE, "39.90420,116.40740", ["39.9042, 116.4074", "116.4074,39.9042", "N39.9042, E116.4074"]),
    (T.GEO_COORDINATE, "39.50000,116.25000", ["北纬39°30′0″，东经116°15′0″", "东经116.25，北纬39.5"]),
    (T.GEO_COORDINATE, "-33.86000,151.20000", ["33.86°S, 151.2°E", "南纬33.86，东经151.2"]),
    (T.CRYPTO_ADDRESS, "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", ["BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ"]),
    (T.CRYPTO_ADDRESS, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"]),
    (T.URL, "http://www.example.com/A", ["WWW.example.com/A", "HTTP://www.Example.com/A"]),
    (T.URL, "https://example.com", ["https://example.com/"]),
]
formatted_types = st.sampled_from(list(FORMATS))
seeds = st.integers(0, 1 << 32)


def form_of(kind: EntityType, value: str) -> str:
    """`value` with 9 for digits and a check character, A and a for letters, 王 for Chinese characters."""
    text = re.sub("[0-9A-Za-z]$", "9", unicodedata.normalize("NFKC", value))
    if kind is T.VEHICLE_VIN:  # the check character is the ninth
        text = re.sub(r"^((?:[0-9A-Za-z][ -]?){8})[0-9Xx]", r"\g<1>9", text)
    return re.sub("[㐀-鿿]", "王", re.sub("[a-z]", "a", re.sub("[A-Z]", "A", re.sub("[0-9]", "9", text))))


@given(formatted_types, seeds)
def test_examples_pass_their_check(kind: EntityType, seed: int) -> None:
    value = FORMATS[kind].example(Random(seed))
    assert value and FORMATS[kind].validate(value) is not False
    assert value == FORMATS[kind].example(Random(seed))


@given(formatted_types, seeds)
def test_values_have_the_form_of_their_type(kind: EntityType, seed: int) -> None:
    value = FORMATS[kind].draw(Random(seed))
    assert not FORMATS[kind].form or re.fullmatch(FORMATS[kind].form, fold(value))


@given(formatted_types, seeds)
def test_surrogates_pass_the_check_that_the_value_passes(kind: EntityType, seed: int) -> None:
    random = Random(seed)
    value = FORMATS[kind].example(random)
    other = FORMATS[kind].surrogate(value, random)
    assert other
    if FORMATS[kind].validate(value):
        assert other != value and FORMATS[kind].validate(other)


VARIED = {T.IP_ADDRESS, T.CRYPTO_ADDRESS, T.MAC_ADDRESS, T.DEVICE_ID, T.DATE_OF_BIRTH, T.SECRET_KEY}
"""Types whose digits may become letters, or whose surrogates may be shorter or longer."""


@given(st.sampled_from([kind for kind in FORMATS if kind not in VARIED]), seeds)
def test_surrogates_have_the_form_of_the_value(kind: EntityType, seed: int) -> None:
    random = Random(seed)
    value = FORMATS[kind].example(random)
    assert form_of(kind, FORMATS[kind].surrogate(value, random)) == form_of(kind, value)


@given(st.sampled_from(sorted(VARIED)), seeds)
def test_surrogates_of_varied_length_have_the_same_separators(kind: EntityType, seed: int) -> None:
    random = Random(seed)
    value = FORMATS[kind].example(random)
    other = FORMATS[kind].surrogate(value, random)
    assert re.sub("[0-9A-Za-z]+", "", value) == re.sub("[0-9A-Za-z]+", "", other)


@pytest.mark.parametrize(
    ("kind", "normal", "value"), [(kind, normal, value) for kind, normal, values in SPELLINGS for value in values]
)
def test_spellings_of_a_value_have_one_normal_form(kind: EntityType, normal: str, value: str) -> None:
    assert FORMATS[kind].normal_form(value) == normal == FORMATS[kind].normal_form(normal)


@given(formatted_types, seeds)
def test_the_normal_form_of_an_example_is_its_own(kind: EntityType, seed: int) -> None:
    normal = FORMATS[kind].normal_form(FORMATS[kind].example(Random(seed)))
    assert normal and FORMATS[kind].normal_form(normal) == normal


@given(formatted_types, st.text("0123456789 -.()+:xX/@AZaz使京１Ａ年月日一十°N"))
def test_the_normal_form_of_any_text_is_its_own(kind: EntityType, value: str) -> None:
    normal = FORMATS[kind].normal_form(value)
    assert FORMATS[kind].normal_form(normal) == normal


@pytest.mark.parametrize("value", ["幺三八零零一三八〇〇〇", "壹叁捌零零壹叁捌零零零"])
def test_surrogates_of_a_number_in_numerals_are_numerals(value: str) -> None:
    other = FORMATS[T.PHONE_NUMBER].surrogate(value, Random(1))
    assert other != value and FORMATS[T.PHONE_NUMBER].validate(other)
    assert set(other) <= set("一二三四五六七八九零" if "三" in value else "壹贰叁肆伍陆柒捌玖零")


@given(st.sampled_from([kind for kind, form in FORMATS.items() if form.pattern]), seeds)
def test_values_that_rules_take_by_their_check_match_the_pattern(kind: EntityType, seed: int) -> None:
    value = FORMATS[kind].example(Random(seed))
    assert re.fullmatch(FORMATS[kind].pattern, value) or not FORMATS[kind].validate(value)


@given(st.text("0123456789", min_size=1, max_size=30), st.lists(st.integers(1, 6), min_size=1))
def test_groups_only_add_separators(text: str, sizes: list[int]) -> None:
    assert groups(text, sizes, "-").replace("-", "") == text
    assert groups("13800138000", [3, 4, 4], "-") == "138-0013-8000"


@given(seeds)
def test_weights_of_zero_are_never_drawn(seed: int) -> None:
    assert weighted(Random(seed), {"a": 0, "b": 1}) == "b"
