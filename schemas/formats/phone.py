"""Phone numbers, checked against the numbering plans (phonenumbers, Google's libphonenumber metadata)."""

import re
import string
from random import Random

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberType, is_possible_number, number_type

from schemas.formats.draw import chars, digits, groups
from schemas.formats.format import Format, keep_start

_GAP = "(?: ?[-.‐–—·−] ?| )?"
_CC = r"(?:\((?:\+|00)?86\)|(?:\+|00)?86)[ -]?"  # country code of China
_MOBILE_GROUPS = "|".join(
    (
        rf"1[3-9][0-9]{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}",
        rf"1[3-9][0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{4}}",
        rf"1[3-9][0-9]{{2}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{3}}",
        r"1(?P<gap>[ -])[3-9](?:(?P=gap)[0-9]){9}",
    )
)
_SUBSCRIBER = rf"[1-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}"
_AREA = "(?:10|2[0-9]|[3-9][0-9]{2})"
MOBILE = rf"(?:{_CC})?(?:{_MOBILE_GROUPS})"
"""Regex of mainland mobile numbers, in groups or not, with or without country code."""
PLAIN_MOBILE = "1[3-9][0-9]{9}"
"""Regex of mainland mobile numbers without country code and separators."""
LANDLINE = rf"(?:\(0{_AREA}\) ?|0{_AREA}(?: ?[-‐–—−] ?| )){_SUBSCRIBER}|{_CC}\(?0?{_AREA}\)?[ -]?{_SUBSCRIBER}"
"""Regex of mainland landline numbers with a separated area code."""
BARE_LANDLINE = rf"0{_AREA}[1-9][0-9]{{6,7}}"
"""Regex of mainland landline numbers without separators."""
ABROAD = r"\+[1-9](?:[ .()-]{0,2}[0-9]){6,14}"
"""Regex of numbers with a country code."""
_HOTLINE = rf"9[56]|[48]00{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{3,4}}(?![0-9])"
_DATE = "20[0-9]{2}-?(?:20[0-9]{2}|(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01]))(?![0-9])"
LOCAL = rf"(?!{_HOTLINE})(?!{_DATE})[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}"
"""Regex of landline numbers without area code, 7 or 8 digits: many other numbers have this form."""
NUMERALS = "幺一二两三四五六七八九零〇○壹贰叁肆伍陆柒捌玖"
"""Chinese numerals for the digits of a number."""
NUMERAL_DIGITS = str.maketrans(NUMERALS, "11223456789000123456789")
_PLAIN_NUMERALS, _FORMAL_NUMERALS = "零一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖"
SPELLED_MOBILE = (
    f"(?=[0-9 -]{{0,16}}[{NUMERALS}])[1一幺壹][ -]?[3-9三四五六七八九叁肆伍陆柒捌玖](?:[ -]?[0-9{NUMERALS}]){{9}}"
)
"""Regex of mainland mobile numbers in Chinese numerals, some of which may be digits."""
SPELLED = f"(?:[零〇○][ -]?)?[{NUMERALS}](?:[ -]?[{NUMERALS}]){{6,10}}"
"""Regex of seven to eleven Chinese numerals, twelve behind a zero: behind its label a landline number."""

MOBILE_PREFIXES = (
    "130 131 132 133 134 135 136 137 138 139 145 147 149 150 151 152 153 155 156 157 158 159 162 165 166 167 170 171 "
    "172 173 175 176 177 178 180 181 182 183 184 185 186 187 188 189 190 191 192 193 195 196 197 198 199"
).split()
"""Prefixes of mainland mobile numbers without data cards and machine-to-machine ranges: those of libphonenumber 9, and
149 (China Telecom), which JioNLP's telecom_operator.txt lists besides."""
AREA_CODES = {
    "11": ("010",), "12": ("022",), "13": ("0311", "0312", "0315"), "14": ("0351", "0352"), "15": ("0471", "0472"),
    "21": ("024", "0411"), "22": ("0431", "0432"), "23": ("0451", "0452"), "31": ("021",),
    "32": ("025", "0512", "0510"), "33": ("0571", "0574", "0577"), "34": ("0551", "0553"),
    "35": ("0591", "0592", "0595"), "36": ("0791", "0797"), "37": ("0531", "0532", "0535"), "41": ("0371", "0379"),
    "42": ("027", "0717"), "43": ("0731", "0734"), "44": ("020", "0755", "0757", "0769"), "45": ("0771", "0773"),
    "46": ("0898",), "50": ("023",), "51": ("028", "0816"), "52": ("0851", "0857"), "53": ("0871", "0872"),
    "54": ("0891",), "61": ("029", "0917"), "62": ("0931", "0938"), "63": ("0971",), "64": ("0951",),
    "65": ("0991", "0994"),
}  # fmt: skip
"""Landline area codes of a province, by the first two digits of its division code (capital first)."""

_NUMERAL = f"(?:[{NUMERALS}]|zero|oh|one|two|three|four|five|six|seven|eight|nine)"
_ANY_PHONE = (
    r"(?:\((?:\+|00)?[0-9]{2,4}\)|\+?[0-9l])(?:[ .()‐–—−·-]{0,3}[0-9OIl]){6,14}"  # O, I, l: 0 and 1 as machines read
    rf"|{_NUMERAL}(?:[ ,-]{{0,2}}{_NUMERAL}){{6,13}}"
    r"|(?:\+[0-9]{1,3} ?)?(?:\(0\))?[0-9]{2,5} / [0-9](?:[ -]{0,3}[0-9]){4,9}(?![ -]{0,3}[0-9])"
)
_PERSONAL = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
}
_FORM = re.compile(
    r"(?P<number>\(?[+0-9][0-9 .()‐–—−·-]*)(?:(?:转|分机|ext\.?|x|#) ?(?P<extension>[0-9]{1,6}))?", re.IGNORECASE
)
_INTERNATIONAL = re.compile(r"\(?(?:\+|00)")
_CHINA = "86"
_WITH_CHINA = re.compile(r"860?[0-9]{10,11}")
_CHINESE = re.compile(r"0[0-9]+|1[0-9]{10}|[48]00[0-9]{7}|9[56][0-9]{5,6}")
_DIALLED_IN_CHINA = re.compile(r"1[3-9][0-9]{9}|0(?:10|2[0-9]|[3-9][0-9]{2})[1-9][0-9]{6,7}")
_SHORTEST_CHINESE = 10  # area code of 2-3 digits and a subscriber number of 7-8; shorter ones are service numbers


def is_phone(value: str) -> bool | None:
    """Check a folded phone number, an extension allowed; without a country code it is read as Chinese.

    False for numbers outside the plan and for service numbers (400, 800, 95xxx, 12345, 110). None for what
    cannot be decided: a subscriber number without area code, another country's number without country code.
    """
    value = value.translate(NUMERAL_DIGITS)
    form = _FORM.fullmatch(value)
    if not form:
        return False
    number = re.sub(r"[^0-9]", "", form["number"])
    if _INTERNATIONAL.match(value):
        return _is_in_plan(number.removeprefix("00"))
    if _WITH_CHINA.fullmatch(number):
        return _is_in_plan(number)
    if len(number) in range(7, 12) and not _CHINESE.fullmatch(number):
        return None
    return _is_in_plan(_CHINA + number)


def _is_in_plan(number: str) -> bool:
    """Whether `number`, country code first, is a personal number; a national prefix 0 may follow the code."""
    code = next((number[:size] for size in (1, 2, 3) if int(number[:size] or 0) in COUNTRY_CODE_TO_REGION_CODE), "")
    national = number[len(code) :]
    if not code or not national or len(number) > 16:
        return False
    if code == _CHINA and len(national.lstrip("0")) < _SHORTEST_CHINESE:
        return False
    if code == _CHINA and len(national) == 11 and national[:3] in MOBILE_PREFIXES:
        return True
    zeros = {national.startswith("0"), False}  # in some countries the 0 is part of the number
    numbers = (PhoneNumber(int(code), int(national), italian_leading_zero=zero) for zero in zeros)
    return any(is_possible_number(number) and number_type(number) in _PERSONAL for number in numbers)


def normal_phone(value: str) -> str:
    """`+`, country code and national number of a folded value, `x` and the extension if there is one.

    The digits alone where the country is not known.
    """
    value = value.translate(NUMERAL_DIGITS)
    form = _FORM.fullmatch(value)
    if not form:
        digits_alone = re.sub(r"[^0-9]", "", value)
        return normal_phone(digits_alone) if _FORM.fullmatch(digits_alone) else digits_alone
    number = re.sub(r"[^0-9]", "", form["number"].replace("(0)", ""))
    abroad = number.removeprefix("00")
    is_abroad = number.startswith("00") or _INTERNATIONAL.match(value)
    if is_abroad and abroad and not abroad.startswith("0"):  # no country code begins with 0
        number = "+" + abroad
    elif _WITH_CHINA.fullmatch(number):
        number = "+" + number
    elif _DIALLED_IN_CHINA.fullmatch(number):
        number = f"+{_CHINA}{number}"
    number = number.replace("+860", "+86", 1)
    return f"{number}x{form['extension']}" if form["extension"] else number


def mobile(random: Random) -> str:
    """A mainland mobile number in one of its written forms; one in twenty is from abroad."""
    if random.random() < 0.05:
        return random.choice(
            [
                f"+1 {random.randint(201, 989)}-{random.randint(200, 999)}-{digits(random, 4)}",
                f"+852 {random.choice('569')}{digits(random, 3)} {digits(random, 4)}",
                f"+44 7{digits(random, 3)} {digits(random, 6)}",
                f"+81-90-{digits(random, 4)}-{digits(random, 4)}",
                f"+65 {random.choice('89')}{digits(random, 7)}",
                f"+8869{digits(random, 8)}",
            ]
        )
    number = random.choice(MOBILE_PREFIXES) + chars(random, string.digits, 8)
    spaced, dashed = groups(number, [3, 4, 4], " "), groups(number, [3, 4, 4], "-")
    forms = [number] * 12 + [spaced, spaced, dashed, dashed]
    forms += [f"+86{number}", f"+86 {number}", f"+86-{number}", f"86-{number}", f"+86 {spaced}"]
    forms += [f"0086{number}", f"(+86){number}", f"+86 {dashed}", groups(number, [4, 3, 4], "-")]
    return random.choice([*forms, f"({number[:3]}){number[3:]}", groups(number, [3, 4, 4], ".")])


def landline(random: Random, province: str) -> str:
    """A landline number in one of its written forms; `province` are the first two digits of its division code."""
    area = random.choice(AREA_CODES.get(province, ("010",)))
    number = random.choice("2345678") + chars(
        random, string.digits, 7 if len(area) == 3 or random.random() < 0.7 else 6
    )
    spaced = groups(number, [4], random.choice([" ", "-"]))
    forms = [f"{area}-{number}"] * 5
    forms += [f"{area}{number}", f"({area}){number}", f"({area}) {spaced}", f"{area} {number}", f"（{area}）{number}"]
    forms += [f"+86-{area[1:]}-{number}", f"+86 {area[1:]} {spaced}", f"{area}-{spaced}", f"0086-{area[1:]}-{number}"]
    return random.choice(forms)


def us_phone(random: Random) -> str:
    """A North American number in one of its written forms."""
    area, exchange, line = random.randint(201, 989), random.randint(200, 999), chars(random, string.digits, 4)
    forms = [f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}", f"+1 {area} {exchange} {line}"]
    forms += [f"+1-{area}-{exchange}-{line}", f"{area}.{exchange}.{line}", f"1-{area}-{exchange}-{line}"]
    return random.choice([*forms, f"({area}){exchange}-{line}"])


def _like(value: str, random: Random) -> str:
    """Another number of the same carrier or area, with numerals of the same kind where `value` has them."""
    other = keep_start(3)(value.translate(NUMERAL_DIGITS), random)
    numerals = _FORMAL_NUMERALS if set(value) & set(_FORMAL_NUMERALS[1:]) else _PLAIN_NUMERALS
    pairs = zip(value, other, strict=True)
    return "".join(numerals[int(digit)] if old in NUMERALS else digit for old, digit in pairs)


PHONE_FORMAT = Format(
    mobile,
    is_phone,
    normal_phone,
    _like,
    groupings=((3, 4, 4), (3, 4, 4), (3, 3, 5)),
    form=_ANY_PHONE,
)


def without_country(digits: str) -> str:
    """The digits of an international number without those of its country; all of them where these are of none."""
    codes = (digits[:size] for size in (1, 2, 3))
    return digits.removeprefix(next((code for code in codes if int(code or 0) in COUNTRY_CODE_TO_REGION_CODE), ""))
