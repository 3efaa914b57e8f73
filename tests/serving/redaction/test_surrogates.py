import re
from random import Random

import pytest

from schemas.formats.registry import validate
from schemas.taxonomy import EntityType as T
from schemas.text.fold import fold
from serving.redaction.surrogates import surrogate

VALUES = [
    (T.PERSON_NAME, "欧阳娜娜", r"[㐀-鿿]{4}"),
    (T.PERSON_NAME, "Anton von Berg", r"[A-Z]\w+ [A-Z]\w+ [A-Z]\w+"),
    (T.PHONE_NUMBER, "138-0013-8000", r"138-\d{4}-\d{4}"),
    (T.PHONE_NUMBER, "+86 13800138000", r"\+86 1\d{10}"),
    (T.EMAIL, "zhang.san@example.com.cn", r"[a-z]{5}\.[a-z]{3}@[a-z]{7}\.[a-z]{3}\.cn"),
    (T.ADDRESS, "北京市朝阳区建国路88号", r".+区.+路\d+号"),
    (T.ID_CARD_NUMBER, "11010519491231002X", r"\d{17}[\dX]"),
    (T.ID_CARD_NUMBER, "110105 19491231 002X", r"\d{6} \d{8} \d{3}[\dX]"),
    (T.BANK_CARD_NUMBER, "6222 0212 3456 7894", r"6222 02\d\d \d{4} \d{4}"),
    (T.TAX_NUMBER, "91110108MA01C3KK4B", r"[0-9A-Z]{18}"),
    (T.LICENSE_PLATE, "粤B12345", r"粤[A-Z]\d{5}"),
    (T.LICENSE_PLATE, "粤Z1234港", r"粤[A-Z]\d{4}港"),
    (T.DEVICE_ID, "6D92078A-8246-4BA4-AE5B-76104861E7DC", r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"),
    (T.DATE_OF_BIRTH, "1990年3月07日", r"(19|20)\d\d年\d月\d\d日"),
    (T.IP_ADDRESS, "192.168.1.1", r"\d+(\.\d+){3}"),
    (T.IP_ADDRESS, "2001:db8::1", r"[0-9a-f]{4}:[0-9a-f]{3}::[0-9a-f]"),
    (T.MAC_ADDRESS, "AA:BB:CC:00:11:22", r"[0-9A-F]{2}(:[0-9A-F]{2}){5}"),
    (T.PASSWORD, "Abc-123", r"[A-Z][a-z]{2}-[1-9]{3}"),
    (T.QQ_NUMBER, "１０００１", r"[１-９]０００[１-９]"),
]


@pytest.mark.parametrize(("kind", "value", "form"), VALUES)
def test_the_form_stays(kind: T, value: str, form: str) -> None:
    random = Random(0)
    made = {surrogate(kind, value, random) for _ in range(20)}
    assert all(re.fullmatch(form, one) for one in made), made
    assert value not in made and len(made) > 5
    assert {validate(kind, one) for one in made} == {validate(kind, value)}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (T.PHONE_NUMBER, "①③⑧⓪⓪①③⑧⓪⓪⓪"),
        (T.PHONE_NUMBER, "𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎"),
        (T.EMAIL, "ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｏｍ"),
        (T.EMAIL, "zhang@example．com"),
        (T.EMAIL, "ⓩⓗⓐⓝⓖ@example.com"),
        (T.PASSWORD, "Ａｂｃ１２３４５"),
        (T.PERSON_NAME, "张Tony"),
        (T.PERSON_NAME, "佐藤さくら"),
        (T.PERSON_NAME, "Иван Петров"),
        (T.USERNAME, "ñandú_さくら"),
    ],
)
def test_no_letter_or_digit_of_any_script_stays(kind: T, value: str) -> None:
    plain = fold(value)
    made = [fold(surrogate(kind, value, Random(seed))) for seed in range(20)]
    kept = {T.EMAIL: len(plain) - 4, T.PHONE_NUMBER: 3}.get(kind, 0)  # the last part of a domain, a carrier's digits
    changing = range(kept) if kind is T.EMAIL else range(kept, len(plain))
    for at in changing:
        if plain[at].isalnum():
            assert any(one[at : at + 1] != plain[at] for one in made), (at, made)


@pytest.mark.parametrize("kind", T)
def test_every_type_has_surrogates_that_pass_its_check(kind: T) -> None:
    value = kind.info.example
    made = surrogate(kind, value, Random(1))
    assert made != value and validate(kind, made) == validate(kind, value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (T.URL, "https://example.com?phone=13800138000&name=zhangsan"),
        (T.URL, "https://a.example.com/zhangsan?next=https://b.example.com/x"),
        (T.URL, "http://admin:s3cret99@localhost:8080/x"),
        (T.EMAIL, "wang.xiaoming@localhost"),
        (T.EMAIL, "xiaoming.wang(at)qq"),
        (T.GEO_COORDINATE, "N30.5288 E114.3701"),
    ],
)
def test_nothing_personal_of_an_address_stays(kind: T, value: str) -> None:
    for seed in range(10):
        made = surrogate(kind, value, Random(seed))
        assert len(made) == len(value)
        words = re.findall("[0-9A-Za-z]{4,}", value)
        kept = {word for word in words if word in made}
        assert kept <= {"http", "https"}, made
