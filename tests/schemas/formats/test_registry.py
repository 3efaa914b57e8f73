"""The checks against published valid values and their neighbours."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.cn import ric, uscc

from schemas.formats.registry import validate
from schemas.taxonomy import ALL_TYPES, EntityType

T = EntityType
Maker = Callable[[random.Random], str]

CASES = [
    (
        T.PHONE_NUMBER,
        True,
        ["13800138000", "138-0013-8000", "１３８００１３８０００", "+86 138 0013 8000", "(+86)13800138000"],
    ),
    (
        T.PHONE_NUMBER,
        True,
        ["0086 13800138000", "8613800138000", "14912345678", "010-12345678", "(0755)8888 8888", "+86 (0)21 6888 0000"],
    ),
    (T.PHONE_NUMBER, True, ["+1 (415) 555-2671", "+44 (0)20 7946 0958", "+852 9123 4567", "+39 06 698 12345"]),
    (T.PHONE_NUMBER, True, ["010-12345678转801", "010-12345678 ext. 801"]),
    (T.PHONE_NUMBER, False, ["400-820-8820", "800-820-8820", "+86 400 820 8820", "95588", "10086", "12345", "110"]),
    (T.PHONE_NUMBER, False, ["12012345678", "010-95588", "+123", "+1 800 555 1234", "", "abc", "+", "(", "+0"]),
    (T.PHONE_NUMBER, None, ["68880000", "(415) 555-2671"]),
    (T.ID_CARD_NUMBER, True, ["11010519491231002X", "110105 19491231 002x", "１１０１０５１９４９１２３１００２Ｘ"]),
    (T.ID_CARD_NUMBER, True, ["110105491231002", "A123456(3)", "AB987654(3)", "A123456789", "911124198108030024"]),
    (T.ID_CARD_NUMBER, False, ["110105194912310021", "110105194913310022", "990105194912310027", "110105491331002"]),
    (T.ID_CARD_NUMBER, False, ["A123456(4)", "A123456788"]),
    (T.ID_CARD_NUMBER, None, ["123-45-6789", "", "张三"]),
    (T.BANK_CARD_NUMBER, True, ["4111 1111 1111 1111", "378282246310005", "5555555555554444", "3530111333300000"]),
    (T.BANK_CARD_NUMBER, True, ["2221000000000009", "6011111111111117", "6222020200112233446"]),
    (
        T.BANK_CARD_NUMBER,
        False,
        ["4111111111111112", "1710460800000", "0000000000000000", "2220000000000008", "", "卡"],
    ),
    (T.BANK_ACCOUNT_NUMBER, True, ["DE89 3704 0044 0532 0130 00", "gb29nwbk60161331926819"]),
    (T.BANK_ACCOUNT_NUMBER, False, ["DE89370400440532013001", "XX89370400440532013000"]),
    (T.BANK_ACCOUNT_NUMBER, None, ["1100 1234 5678 9012", ""]),
    (T.TAX_NUMBER, True, ["91110000600037341L", "91350100M000100Y43", "9135 0100 m000 100y 43", "11010519491231002X"]),
    (T.TAX_NUMBER, False, ["91110000600037341M", "I1110000600037341L"]),
    (T.TAX_NUMBER, False, ["120103198707192389", "310104197603013013"]),  # resident IDs with a wrong digit
    (T.BANK_CARD_NUMBER, False, ["620102197707281222"]),
    (T.ID_CARD_NUMBER, False, ["120103198707192389", "620102197707281222"]),
    (T.TAX_NUMBER, None, ["110105600037341", ""]),
    (T.VEHICLE_VIN, True, ["1M8GDM9AXKP042788", "1hgbh41jxmn109186", "11111111111111111"]),
    (T.VEHICLE_VIN, False, ["1M8GDM9A0KP042788", "1M8GDM9AXKP04278O", "", "1M8GDM9AXKP04278"]),
    (T.EMAIL, True, ["zhangsan@example.com", "ｚ＠ｑｑ．ｃｏｍ", "a.b-c+d@mail.example.co.uk"]),
    (T.EMAIL, False, ["a@b", "a..b@c.com", ".a@c.com", "a b@c.com", "张三@qq.com", "", "a@b.com" + "m" * 300]),
    (T.IP_ADDRESS, True, ["192.168.1.10", "１０．０．０．１", "2001:db8::1", "fe80::1%eth0"]),
    (T.IP_ADDRESS, False, ["256.1.1.1", "1.2.3", "10.0.0.0/8", "192.168.1.1:80", "12:30:45", ""]),
    (T.MAC_ADDRESS, True, ["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e", "001A2B3C4D5E"]),
    (T.MAC_ADDRESS, False, ["00:1A:2B:3C:4D", "00:1A-2B:3C:4D:5E", "00:1G:2B:3C:4D:5E", ""]),
    (T.LICENSE_PLATE, True, ["京A12345", "京A·12345", "沪 A-D1234", "京a1b2c3", "沪AD12345", "粤BF12345", "粤B12345D"]),
    (
        T.LICENSE_PLATE,
        True,
        ["粤Z1234港", "粤Z1234澳", "京A1234警", "京A1234学", "川A1234挂", "沪A0023领", "使014578", "224578使"],
    ),
    (T.LICENSE_PLATE, False, ["京AI2345", "京A1234", "京ABCDE1", "京AL12345", "沪A123456", "A12345", "", "云SERVER"]),
    (T.DEVICE_ID, True, ["490154203237518", "49-015420-323751-8", "6D92078A-8246-4BA4-AE5B-76104861E7DC"]),
    (T.DEVICE_ID, False, ["490154203237519"]),
    (T.DEVICE_ID, None, ["3568680000414120", "", "abc"]),
    (T.CRYPTO_ADDRESS, True, ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]),
    (T.CRYPTO_ADDRESS, True, ["bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr"]),
    (
        T.CRYPTO_ADDRESS,
        False,
        ["1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp", "", "0x12"],
    ),
    (T.CRYPTO_ADDRESS, False, ["bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcq"]),
    (T.CRYPTO_ADDRESS, None, ["0x52908400098527886E0F7030069857D2E4169EE7"]),
    (
        T.URL,
        True,
        [
            "https://example.com/a?b=1#c",
            "www.example.com",
            "ftp://10.0.0.1/x",
            "http://localhost:8000/",
            "http://[::1]/",
        ],
    ),
    (T.URL, False, ["javascript:alert(1)", "http://[::1", "example", "http://", "https://a b.com", ""]),
    (T.PASSPORT_NUMBER, None, ["E12345678"]),
    (T.PERSON_NAME, None, ["张三"]),
]


@pytest.mark.parametrize(
    ("kind", "expected", "value"), [(kind, expected, value) for kind, expected, values in CASES for value in values]
)
def test_known_value(kind: EntityType, expected: bool | None, value: str) -> None:
    assert validate(kind, value) is expected


def _resident_id(rng: random.Random) -> str:
    born = time.strftime("%Y%m%d", time.gmtime(rng.randrange(0, 1_600_000_000)))
    stem = rng.choice(["110101", "440305", "654325", "810000"]) + born + f"{rng.randrange(1000):03}"
    return stem + ric.calc_check_digit(stem + "0")


def _card(rng: random.Random) -> str:
    stem = rng.choice(["622202", "625912", "621700"]) + f"{rng.randrange(10**12):012}"
    return stem + luhn.calc_check_digit(stem)


def _credit_code(rng: random.Random) -> str:
    stem = "91440300MA5" + f"{rng.randrange(10**6):06}"
    return stem + uscc.calc_check_digit(stem)


def _iban(rng: random.Random) -> str:
    stem = "DE00" + f"{rng.randrange(10**18):018}"
    return "DE" + iban.calc_check_digits(stem) + stem[4:]


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (T.ID_CARD_NUMBER, _resident_id),
        (T.BANK_CARD_NUMBER, _card),
        (T.TAX_NUMBER, _credit_code),
        (T.BANK_ACCOUNT_NUMBER, _iban),
    ],
)
def test_generated_numbers_pass_and_any_other_last_digit_fails(
    kind: EntityType, make: Callable[[random.Random], str]
) -> None:
    rng = random.Random(7)
    for _ in range(200):
        value = make(rng)
        assert validate(kind, value) is True
        other = value[:-1] + rng.choice([digit for digit in "0123456789" if digit != value[-1]])
        assert validate(kind, other) is False


@given(st.sampled_from(ALL_TYPES), st.text() | st.text("0123456789 -.()+:xX/@AZaz使京"))
def test_any_text_gets_an_answer(kind: EntityType, value: str) -> None:
    assert validate(kind, value) in (True, False, None)
