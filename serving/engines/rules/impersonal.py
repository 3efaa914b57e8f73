"""What belongs to nobody, however much it looks like a value: the table that the spans of models and rules must pass.

Court cases, invoices, parcels, coupons, meetings, trips, timestamps, amounts, identifiers of requests
(docs/annotation.md, general rule 11), masked names (`masked`), English phrases that are no names (`english`), and
what machines write (`technical`).
"""

import re

import re2

from schemas.formats.network import UUID
from schemas.formats.registry import validate
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from serving.engines.rules.english import is_phrase, is_place
from serving.engines.rules.masked import is_masked_name
from serving.engines.rules.technical import is_technical

_BEFORE, _AFTER = 40, 24

_NUMBER_WORDS = "(?:号码?|號碼?|代码|代號|编号|編號|[ _-]?(?:(?<![a-z])(?:no|number|num|id|code|ref|sn)(?![a-z])|#))"
_THINGS = (
    "(?<!报告|检查|检验|化验|处方|体检|申请)[单單]|流水|交易|物流|快递|包裹|批次?|货|发票|發票|票据|凭证|收据|合同|"
    "(?<![档病])案|券|会议|會議|基金|股票|证券|航班|备案|安备|受理|"
    "(?<![a-z])(?:order|invoice|tracking|waybill|awb|ticket|booking|meeting|coupon|voucher|batch)"
)
_NUMBERED_THINGS = "订单|訂單|流水|运单|運單|券码|券碼|优惠码|优惠券|时间戳|時間戳|条形?码|网安备|(?<![a-z])timestamp"
_LINK = r"[\"']?(?: is|是|为|為)?[ .:#=\"']{0,4}"
_LABELLED = re.compile(rf"(?:(?:{_THINGS}){_NUMBER_WORDS}|{_NUMBERED_THINGS}){_LINK}[A-Z]{{0,6}}-?\Z", re.IGNORECASE)
_CODE = re.compile("[A-Za-z0-9][A-Za-z0-9 ./-]{2,60}")

_SECONDS = re.compile("1[0-9]{9}(?:[0-9]{3})?")
_SECONDS_LABEL = re.compile(
    r"(?:time(?:stamp)?|(?<![a-z])ts|_at|(?<![a-z])(?:exp|iat|nbf)|expires?)[\"']?[ :=]{1,3}\Z", re.IGNORECASE
)
_BANK_CODE = re.compile("[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")  # ISO 9362
_BANK_CODE_LABEL = re.compile(
    rf"(?<![A-Za-z])(?:swift|bic|swift/bic|bic/swift){_NUMBER_WORDS}?{_LINK}\Z", re.IGNORECASE
)

_CASE = re.compile(
    r"[(\[〔](?:19|20)[0-9]{2}[)\]〕][㐀-鿿]{0,4}[0-9]{0,6}[㐀-鿿]{1,6}(?:字第)?[0-9]{1,8}(?:-[0-9]{1,4})?号"
)
_AMOUNT = re.compile(r"(?<![0-9A-Za-z.])[+-] ?[0-9]{1,3}(?:,?[0-9]{3}){0,4}\.[0-9]{1,2}(?![0-9.-])")
_UUID = re.compile(rf"(?<![0-9A-Za-z]){UUID}(?![0-9A-Za-z])")
_OWNED = re.compile(
    "key|token|secret|密|令牌|凭|dev|imei|meid|设备|設備|idf|oaid|aaid|gaid|android|app|client|licen[cs]e|激活|pass|pwd|"
    "session|user|hook",
    re.IGNORECASE,
)
_TRIP = re.compile("(?:[GDCZTKSY]|[A-Z]{2}|[A-Z][0-9]|[0-9][A-Z])[0-9]{1,4}")
_TRIP_BEFORE = re.compile(r"(?:[坐乘赶搭]|刚[上下]|航班|车次|火车|高铁|动车)[了的到]? ?\Z")
_TRIP_AFTER = re.compile(" ?(?:次|航班|列车|高铁|动车|晚点|延误|起飞)")
_DIGITS = re.compile("[0-9+,. -]+")
_DIVISIONS = re2.compile("(?:[㐀-鿿]{2,5}(?:省|市|区|县|自治区|自治州))+")
"""A name may hold what ends others, so that there are many ways to read it: RE2 takes linear time for all of them."""


def belongs_to_nobody(text: str, entity: Entity) -> bool:
    """Whether the value of `entity` in folded `text` is nobody's, by its form and by what stands around it."""
    kind = entity.type
    value = text[entity.start : entity.end]
    if kind.info.shared or kind is EntityType.GEO_COORDINATE:
        return False
    if kind is EntityType.PERSON_NAME and (
        is_masked_name(text, entity.start, entity.end) or is_phrase(text, entity.start, entity.end)
    ):
        return True
    if is_technical(text, entity) or (kind is EntityType.ADDRESS and _is_region(text, entity)):
        return True
    before = text[max(0, entity.start - _BEFORE) : entity.start]
    if kind is EntityType.EMPLOYEE_ID and _is_trip(text, entity, before):
        return True
    if kind is not EntityType.PERSON_NAME and _CODE.fullmatch(value) and _is_number_of_thing(kind, before, value):
        return True
    return _runs_through(before, value, text[entity.end : entity.end + _AFTER])


def _is_region(text: str, entity: Entity) -> bool:
    """Whether the entity names countries, cities or divisions alone, to which one can send nothing."""
    return is_place(text, entity.start, entity.end) or bool(_DIVISIONS.fullmatch(text[entity.start : entity.end]))


def _is_trip(text: str, entity: Entity, before: str) -> bool:
    """Whether a value that could be a flight or a train is one by the words around it."""
    if not _TRIP.fullmatch(text, entity.start, entity.end):
        return False
    return bool(_TRIP_BEFORE.search(before) or _TRIP_AFTER.match(text, entity.end))


def _is_number_of_thing(kind: EntityType, before: str, value: str) -> bool:
    """Whether the label before a value is one of a thing; a value that surely is of its type stands against it."""
    if _SECONDS.fullmatch(value) and _SECONDS_LABEL.search(before):
        return True
    if _BANK_CODE.fullmatch(value) and _BANK_CODE_LABEL.search(before):
        return True
    return bool(_LABELLED.search(before)) and not (kind.info.strong_check and validate(kind, value))


def _runs_through(before: str, value: str, after: str) -> bool:
    """Whether a court case, an amount or an identifier that is nobody's goes through the value."""
    window = before + value + after
    start, end = len(before), len(before) + len(value)

    def meets(match: re.Match[str]) -> bool:
        return match.start() < end and start < match.end()

    return (
        ("号" in window and any(map(meets, _CASE.finditer(window))))
        or ("." in window and bool(_DIGITS.fullmatch(value)) and any(map(meets, _AMOUNT.finditer(window))))
        or any(meets(match) and not _OWNED.search(window, 0, match.start()) for match in _UUID.finditer(window))
    )
