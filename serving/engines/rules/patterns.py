"""The table of recognisers.

Patterns run on folded text, spell out ASCII classes (the shorthands for digits and word characters take in
Chinese characters), and repeat with bounds only, so that the time is linear in the text's length.
"""

import re

from schemas.taxonomy import EntityType
from serving.engines.rules.network import EMAIL, MAC, UUID
from serving.engines.rules.recogniser import CHECKSUM, CUED, FORM, Need, Recogniser
from serving.engines.rules.vehicle import EMBASSY_PLATE, PLATE

_LEFT = r"(?<![0-9A-Za-z])"
_RIGHT = r"(?![0-9A-Za-z])"
_NUMBER_LEFT = rf"{_LEFT}(?<![0-9]\.)(?<![¥$€£])"
_NUMBER_RIGHT = rf"{_RIGHT}(?!\.[0-9]|[万亿]?元|%)"
_PHONE_LEFT = rf"{_NUMBER_LEFT}(?<!\+)"
_PHONE_RIGHT = r"(?!(?:(?!ext|x[0-9])[A-Za-z]|[0-9])|\.[0-9]|[万亿]?元|%)"  # an extension may follow

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
_MOBILE = rf"(?:{_CC})?(?:{_MOBILE_GROUPS})"
_SUBSCRIBER = rf"[1-9][0-9]{{2,3}}{_GAP}[0-9]{{4}}"
_AREA = "(?:10|2[0-9]|[3-9][0-9]{2})"
_LANDLINE = rf"(?:\(0{_AREA}\) ?|0{_AREA}(?: ?[-‐–—−] ?| )){_SUBSCRIBER}|{_CC}\(?0?{_AREA}\)?[ -]?{_SUBSCRIBER}"
_BARE_LANDLINE = r"0(?:10|2[0-9]|[3-9][0-9]{2})[1-9][0-9]{6,7}"
_ABROAD = r"\+[1-9](?:[ .()-]{0,2}[0-9]){6,14}"

_RESIDENT_ID = "[1-9](?:[ -]?[0-9]){16}[ -]?[0-9Xx]"
_HONG_KONG_ID = r"[A-Z]{1,2}[0-9]{6}\([0-9A]\)"
_CUED_ID = "[0-9]{15}|[A-Z]{1,2}[0-9]{6}[0-9A]|[A-Z][1289][0-9]{8}"
_ISSUERS = "(?=[4-6]|2[2-7]|3[04-7]|95)"
_CARD = _ISSUERS + "(?:{})".format(
    "|".join(
        (
            "[0-9]{14,19}",
            "[0-9]{4}(?P<gap>[ -])[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{4}(?:(?P=gap)[0-9]{1,3})?",
            "[0-9]{4}(?P<wide>[ -])[0-9]{6}(?P=wide)[0-9]{4,5}",
            "[0-9]{6}[ -][0-9]{10,13}",
        )
    )
)
_IBAN = "(?=(?:[ -]?[A-Z0-9]){15})[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?"
_USCC = "[1-9ANYany][1-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy][0-9]{6}[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{10}"
_BITCOIN = "[13][1-9A-HJ-NP-Za-km-z]{25,34}|bc1[02-9ac-hj-np-z]{8,87}|BC1[02-9AC-HJ-NP-Z]{8,87}"
_ETHEREUM = "0x[0-9A-Fa-f]{40}"

_VIN = "(?=(?:[0-9]{0,16}[A-Za-z]){3})[0-9A-HJ-NPR-Za-hj-npr-z]{13}[0-9]{4}"
_IMEI = "[0-9](?:[ -]?[0-9]){14}"

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4_VALUE = rf"(?:{_OCTET}\.){{3}}{_OCTET}"
_IPV4 = rf"{_LEFT}(?<![0-9]\.){_IPV4_VALUE}(?![0-9A-Za-z版节章条款]|\.[0-9])"
_IPV6 = (
    rf"{_LEFT}(?<!:[0-9A-Fa-f]{{1}}:)(?<!:[0-9A-Fa-f]{{2}}:)(?<!:[0-9A-Fa-f]{{3}}:)(?<!:[0-9A-Fa-f]{{4}}:)"
    rf"(?=[A-Fa-f:]{{0,38}}[0-9])(?=[0-9A-Fa-f:]{{6}})(?=[0-9A-Fa-f:]{{0,37}}(?:::|[0-9A-Fa-f]{{3}}))"
    rf"(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}(?:{_IPV4_VALUE}|[0-9A-Fa-f]{{1,4}}|(?<=::))(?![0-9A-Za-z]|:[0-9A-Fa-f:]|\.[0-9])"
)
_MAC = (
    rf"{_LEFT}(?<![:-][0-9A-Fa-f]{{2}}[:-])(?<!\.)"
    rf"(?=[0-9:.-]{{0,16}}[A-Fa-f])"  # six numbers alone may be a lottery ticket
    rf"(?:{MAC})(?![:-]?[0-9A-Za-z]|\.[0-9A-Fa-f])"
)
_URL = r"(?:(?:https?|ftp)://|www\.)[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{0,2000}[A-Za-z0-9/_~#&=%+-]"


def _after(words: str) -> re.Pattern[str]:
    """A pattern for "one of `words` stands before, in the same clause"."""
    return re.compile(rf"(?:{words})[^。,;!?]{{0,16}}\Z", re.IGNORECASE)


def _right_after(words: str) -> re.Pattern[str]:
    """A pattern for "one of `words` stands directly before"."""
    return re.compile(rf"(?:{words})(?:号码?|编号| ?(?:no|number|id|#))?[是为]?[ .:#]{{0,3}}\Z", re.IGNORECASE)


def _number(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_NUMBER_LEFT}(?:{pattern}){_NUMBER_RIGHT}")


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_LEFT}(?:{pattern}){_RIGHT}")


def _phone(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_PHONE_LEFT}(?:{pattern}){_PHONE_RIGHT}")


_T = EntityType
_ORDER = _right_after("订单|单号|流水|运单|快递单?|包裹|批号|货号|序列号|发票|order|invoice|tracking|serial")
_VERSION = re.compile(
    r"(?:版本|固件|version|firmware)[^,。;0-9]{0,6}\Z|(?:(?<![a-z])v|ver|第|§|section|build|release)[.: ]{0,2}\Z", re.I
)
_PHONE_CUE = _after("电话|座机|固话|传真|联系|致电|拨打|手机|tel|phone|fax|call")
_ID_CUE = _after(r"身份证|身[份分]證|公民身份|证件号|sfz|(?<![a-z])id ?(?:card|no|number)|identity|hkid")
_CARD_CUE = _after("银行卡|信用卡|储蓄卡|借记卡|工资卡|卡号|card")
_TAX_CUE = _after("信用代码|税号|纳税人识别号|税务登记|uscc|tax")
_VIN_CUE = _after(r"车架|车辆识别|vin(?![a-z])|chassis")
_DEVICE_CUE = _after(r"imei|串号|设备号|设备id|设备标识|device")
_AD_CUE = _after(r"idf[av]|oaid|设备号|设备id|设备标识|device|advertising")
_PLATE_CUE = _after("车牌|号牌|牌照|使馆|plate")

RECOGNISERS: tuple[Recogniser, ...] = (
    Recogniser(_T.PHONE_NUMBER, _phone(_MOBILE), FORM, veto=_ORDER),
    Recogniser(_T.PHONE_NUMBER, _phone(_LANDLINE), FORM, veto=_ORDER),
    Recogniser(_T.PHONE_NUMBER, _phone(_BARE_LANDLINE), FORM, Need.BOTH, _PHONE_CUE),
    Recogniser(_T.PHONE_NUMBER, _phone(_ABROAD), FORM),
    Recogniser(_T.EMAIL, re.compile(rf"(?<![A-Za-z0-9_+%]){EMAIL}{_RIGHT}"), FORM),
    Recogniser(_T.ID_CARD_NUMBER, _number(_RESIDENT_ID), CHECKSUM, Need.EITHER, _ID_CUE),
    Recogniser(_T.ID_CARD_NUMBER, re.compile(_LEFT + _HONG_KONG_ID), CHECKSUM),
    Recogniser(_T.ID_CARD_NUMBER, _number(_CUED_ID), CUED, Need.BOTH, _ID_CUE),
    Recogniser(_T.BANK_CARD_NUMBER, _number(_CARD), CHECKSUM, Need.EITHER, _CARD_CUE, _ORDER),
    Recogniser(_T.BANK_CARD_NUMBER, _number("4[0-9]{12}"), CHECKSUM, Need.BOTH, _CARD_CUE),
    Recogniser(_T.BANK_ACCOUNT_NUMBER, _word(_IBAN), CHECKSUM, veto=_ORDER),
    Recogniser(_T.TAX_NUMBER, _word(_USCC), CHECKSUM, Need.EITHER, _TAX_CUE, _ORDER),
    Recogniser(_T.LICENSE_PLATE, re.compile(f"(?:{PLATE}){_RIGHT}", re.IGNORECASE), FORM),
    Recogniser(_T.LICENSE_PLATE, _word(EMBASSY_PLATE), CUED, Need.BOTH, _PLATE_CUE),
    Recogniser(_T.VEHICLE_VIN, _word(_VIN), CHECKSUM, Need.EITHER, _VIN_CUE, _ORDER),
    Recogniser(_T.IP_ADDRESS, re.compile(_IPV4), FORM, veto=_VERSION),
    Recogniser(_T.IP_ADDRESS, re.compile(_IPV6), FORM),
    Recogniser(_T.MAC_ADDRESS, re.compile(_MAC), FORM),
    Recogniser(_T.DEVICE_ID, _number(_IMEI), CHECKSUM, Need.CUE, _DEVICE_CUE),
    Recogniser(_T.DEVICE_ID, _word(UUID), CUED, Need.BOTH, _AD_CUE),
    Recogniser(_T.CRYPTO_ADDRESS, _word(_BITCOIN), CHECKSUM),
    Recogniser(_T.CRYPTO_ADDRESS, _word(_ETHEREUM), FORM),
    Recogniser(_T.URL, re.compile(_LEFT + _URL, re.IGNORECASE), FORM),
)
