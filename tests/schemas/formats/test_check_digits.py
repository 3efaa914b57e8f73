"""Made-up numbers carry the check digits of their standards, by other libraries and by published examples."""

from datetime import date
from random import Random

import pytest
from phonenumbers import is_valid_number, parse
from stdnum import iban, imei, luhn
from stdnum.cn import ric, uscc

from schemas.formats import dates, finance, identity, network, phone, vehicle

PUBLISHED_VINS = ["1M8GDM9AXKP042788", "1HGBH41JXMN109186", "11111111111111111", "5GZCZ43D13S812715"]
"""The worked example of 49 CFR 565, and other numbers in public documents."""


@pytest.mark.parametrize("seed", range(200))
def test_numbers_carry_valid_check_digits(seed: int) -> None:
    random = Random(seed)
    county, birth = identity.county(random), dates.birth_date(random)
    number = identity.resident_id(random, county, birth)
    compact = "".join(char for char in number if char.isalnum()).upper()
    assert ric.calc_check_digit(compact[:-1]) == compact[-1]
    assert compact[:14] == f"{county}{birth:%Y%m%d}"
    assert luhn.is_valid("".join(filter(str.isdigit, finance.bank_card(random))))
    assert iban.is_valid(finance.iban(random))
    tax = finance.tax_number(random, county)
    assert len(tax) == 15 or uscc.is_valid(tax)
    device = network.device_id(random)
    assert not (device.isdigit() and len(device) == 15) or imei.is_valid(device)


@pytest.mark.parametrize("value", PUBLISHED_VINS)
def test_published_vins_pass_and_any_other_check_digit_fails(value: str) -> None:
    assert vehicle.is_vin(value)
    others = [value[:8] + digit + value[9:] for digit in "0123456789X" if digit != value[8]]
    assert not any(map(vehicle.is_vin, others))


@pytest.mark.parametrize("value", PUBLISHED_VINS)
def test_each_place_of_a_vin_counts(value: str) -> None:
    for place in set(range(17)) - {8}:
        other = "2" if value[place] in "1AJ" else "1"  # A and J stand for 1
        assert not vehicle.is_vin(value[:place] + other + value[place + 1 :])


@pytest.mark.parametrize("seed", range(100))
def test_made_up_vins_pass_the_check(seed: int) -> None:
    value = vehicle.vin(Random(seed))
    assert len(value) == 17 and vehicle.is_vin(value)


def test_mobile_prefixes_are_those_of_libphonenumber() -> None:
    valid = {str(prefix) for prefix in range(130, 200) if is_valid_number(parse(f"+86{prefix}12345678"))}
    assert set(phone.MOBILE_PREFIXES) - {"149"} == valid


def test_dates_in_chinese_numerals() -> None:
    assert dates.chinese_date(date(1990, 3, 12)) == "一九九〇年三月十二日"
    assert dates.chinese_date(date(2005, 10, 30)) == "二〇〇五年十月三十日"
