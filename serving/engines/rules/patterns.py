"""The table of recognisers: where the patterns of `schemas.formats` count, and after which words.

Patterns run on folded text, spell out ASCII classes (the shorthands for digits and word characters take in
Chinese characters), and repeat with bounds only, so that the time is linear in the text's length.
"""

import re

from schemas.formats import finance, identity, network, phone, vehicle, wallet, web
from schemas.formats.registry import FORMATS
from schemas.taxonomy import EntityType
from serving.engines.rules.recogniser import CHECKSUM, CUED, FORM, NAMED, Need, Recogniser

_LEFT = r"(?<![0-9A-Za-z])"
_RIGHT = r"(?![0-9A-Za-z])"
_NUMBER_LEFT = rf"{_LEFT}(?<![0-9]\.)(?<![¥$€£])"
_NUMBER_RIGHT = rf"{_RIGHT}(?!\.[0-9]|[万亿]?元|%)"
_WORD_RIGHT = r"(?![A-Za-z]*[0-9]|\.[0-9]|[万亿]?元|%)"  # a word may be glued to the number
_PHONE_LEFT = rf"{_NUMBER_LEFT}(?<!\+)"
_PHONE_RIGHT = r"(?!(?:(?!ext|x[0-9])[A-Za-z]|[0-9])|\.[0-9]|[万亿]?元|%)"  # an extension may follow
_INTERJECTION = "(?!(?:[mnu]s|px|[kmgt]i?b|bytes?|hz|rpm|[a-f]+)(?![a-z]))[a-z]{2,12}(?![0-9A-Za-z_.-])"
"""A word that is no unit."""
_ROOM_LEFT = "|".join(
    rf"(?<=[栋幢座楼层元室][0-9]{{{digits}}})|(?<=[0-9]号[0-9]{{{digits}}})" for digits in range(1, 5)
)
"""The number of a room, to which a phone number is glued in a waybill."""

_IPV4 = rf"{_LEFT}(?<![0-9]\.){network.IPV4}(?![0-9A-Za-z版节章条款]|\.[0-9])"
_LONG_IPV4 = rf"(?![0-9]\.(?:[0-9]{{1,2}}\.){{2}}[0-9]{{1,2}}(?![0-9])){_IPV4}"
"""What is no version of a program, such as 1.0.44.2."""
_IPV6 = (
    rf"{_LEFT}(?<!:x:)(?<!:[0-9A-Fa-f]{{1}}:)(?<!:[0-9A-Fa-f]{{2}}:)(?<!:[0-9A-Fa-f]{{3}}:)(?<!:[0-9A-Fa-f]{{4}}:)"
    rf"(?!:[^:]){network.IPV6}(?![0-9A-Za-z]|:[0-9A-Fa-f:]|\.[0-9])"
)
_MAC = (
    rf"{_LEFT}(?<![:-][0-9A-Fa-f]{{2}}[:-])(?<!\.)"
    rf"(?=[0-9:.-]{{0,16}}[A-Fa-f])"  # six numbers alone may be a lottery ticket
    rf"(?:{network.MAC})(?![:-]?[0-9A-Za-z]|\.[0-9A-Fa-f])"
)


def _after(words: str) -> re.Pattern[str]:
    """A pattern for "one of `words` stands before, in the same clause"."""
    return re.compile(rf"(?:{words})[^。,;!?]{{0,16}}\Z", re.IGNORECASE)


def _right_after(words: str) -> re.Pattern[str]:
    """A pattern for "one of `words` stands directly before"."""
    return re.compile(rf"(?:{words})(?:号码?|编号| ?(?:no|number|id|#))?[是为]?[ .:#]{{0,3}}\Z", re.IGNORECASE)


def _number(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_NUMBER_LEFT}(?:{pattern}){_NUMBER_RIGHT}")


def _glued(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_NUMBER_LEFT}(?:{pattern}){_WORD_RIGHT}")


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_LEFT}(?:{pattern}){_RIGHT}")


def _phone(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_PHONE_LEFT}(?:{pattern}){_PHONE_RIGHT}")


_T = EntityType
_ORDER = _right_after("订单|单号|流水|运单|快递单?|包裹|批号|货号|序列号|发票|order|invoice|tracking|serial")
_VERSION = re.compile(
    r"(?:版本|固件|version|firmware|harmonyos|emui|magicui|miui|coloros)[^,。;0-9]{0,6}\Z|[a-z0-9]_\Z"
    r"|(?:(?<![a-z])v|ver|第|§|section|build|release)[.: ]{0,2}\Z",
    re.IGNORECASE,
)
_PHONE_CUE = _after("电话|座机|固话|传真|联系|致电|拨打|手机|tel|phone|fax|call")
_ID_CUE = _after(r"身份证|身[份分]證|公民身份|证件号|sfz|(?<![a-z])id ?(?:card|no|number)|identity|hkid")
_CARD_CUE = _after("银行卡|信用卡|储蓄卡|借记卡|工资卡|卡号|card")
_TAX_CUE = _after("信用代码|税号|纳税人识别号|税务登记|uscc|tax")
_VIN_CUE = _after(r"车架|车辆识别|vin(?![a-z])|chassis")
_DEVICE_CUE = _after(r"imei|串号|设备号|设备id|设备标识|device")
_AD_CUE = _after(r"idf[av]|oaid|设备号|设备id|设备标识|device|advertising")
_IP_CUE = _after(
    r"(?<![a-z])ip(?![a-z])|dns|host|server|gateway|resolver|login|from|client|addr|forwarded|://|@|\[|\n"
    "|服务器|网关|来源|来自|登录|登陆|地址"
)
_PLATE_CUE = _after("车牌|号牌|牌照|使馆|plate")
_PLATE_RIGHT = rf"(?:[挂学警港澳使领](?![㐀-鿿]))?{_RIGHT}"
_BEFORE_WORD = re.compile(rf"{_PHONE_LEFT}{phone.PLAIN_MOBILE}(?={_INTERJECTION})")
"""A mobile number with a word glued to its end."""
_BEHIND_LABEL = re.compile(rf"(?i:(?<=tel)|(?<=phone)|(?<=mobile))(?:{phone.MOBILE}){_PHONE_RIGHT}")
"""A mobile number that is glued to its label."""

RECOGNISERS: tuple[Recogniser, ...] = (
    *(Recogniser(kind, _word(form.pattern), CHECKSUM) for kind, form in FORMATS.items() if form.pattern),
    Recogniser(_T.PHONE_NUMBER, _phone(phone.MOBILE), FORM, veto=_ORDER),
    Recogniser(_T.PHONE_NUMBER, _glued(phone.MOBILE), FORM, Need.BOTH, _PHONE_CUE),
    Recogniser(_T.PHONE_NUMBER, _BEFORE_WORD, FORM, veto=_VERSION),
    Recogniser(_T.PHONE_NUMBER, _BEHIND_LABEL, FORM),
    Recogniser(_T.PHONE_NUMBER, re.compile(rf"(?={phone.PLAIN_MOBILE}(?![0-9]))(?:{_ROOM_LEFT})[0-9]+"), FORM),
    Recogniser(_T.PHONE_NUMBER, _phone(phone.LANDLINE), FORM, veto=_ORDER),
    Recogniser(_T.PHONE_NUMBER, _phone(phone.BARE_LANDLINE), FORM, Need.BOTH, _PHONE_CUE),
    Recogniser(_T.PHONE_NUMBER, _phone(phone.ABROAD), FORM),
    Recogniser(_T.EMAIL, re.compile(rf"(?<![{web.LATIN}0-9_+%])(?:{web.GLUED_EMAIL}|{web.EMAIL}{_RIGHT})"), FORM),
    Recogniser(_T.ID_CARD_NUMBER, _glued(identity.RESIDENT_ID), CHECKSUM, Need.EITHER, _ID_CUE),
    Recogniser(_T.ID_CARD_NUMBER, re.compile(_LEFT + identity.HONG_KONG_ID), CHECKSUM),
    Recogniser(_T.ID_CARD_NUMBER, _number(identity.PLAIN_ID), CUED, Need.BOTH, _ID_CUE),
    Recogniser(_T.BANK_CARD_NUMBER, _number(finance.CARD), CHECKSUM, Need.EITHER, _CARD_CUE, _ORDER),
    Recogniser(_T.BANK_CARD_NUMBER, _number(finance.SHORT_CARD), CHECKSUM, Need.BOTH, _CARD_CUE),
    Recogniser(_T.BANK_ACCOUNT_NUMBER, _word(finance.IBAN), CHECKSUM, veto=_ORDER),
    Recogniser(_T.TAX_NUMBER, _word(finance.USCC), CHECKSUM, Need.EITHER, _TAX_CUE, _ORDER),
    Recogniser(_T.LICENSE_PLATE, re.compile(f"(?:{vehicle.PLATE}){_PLATE_RIGHT}", re.IGNORECASE), FORM),
    Recogniser(_T.LICENSE_PLATE, _word(vehicle.EMBASSY_PLATE), CUED, Need.BOTH, _PLATE_CUE),
    Recogniser(_T.VEHICLE_VIN, _word(vehicle.VIN), CHECKSUM, Need.EITHER, _VIN_CUE, _ORDER),
    Recogniser(_T.IP_ADDRESS, re.compile(_LONG_IPV4), FORM, veto=_VERSION),
    Recogniser(_T.IP_ADDRESS, re.compile(_IPV4), CUED, Need.BOTH, _IP_CUE, _VERSION),
    Recogniser(_T.IP_ADDRESS, re.compile(_IPV6), FORM),
    Recogniser(_T.MAC_ADDRESS, re.compile(_MAC), FORM),
    Recogniser(_T.DEVICE_ID, _number(network.IMEI), CHECKSUM, Need.CUE, _DEVICE_CUE),
    Recogniser(_T.DEVICE_ID, _word(network.UUID), CUED, Need.BOTH, _AD_CUE),
    Recogniser(_T.CRYPTO_ADDRESS, _word(wallet.ETHEREUM), FORM),
    Recogniser(_T.URL, re.compile(_LEFT + web.URL, re.IGNORECASE), NAMED),
)
