"""What belongs to nobody, however much it looks like a value: the table that the spans of models and rules must pass.

Court cases, invoices, parcels, coupons, meetings, timestamps, amounts, identifiers of requests, masked names
(docs/annotation.md, general rules 4 and 11), and English phrases that are no names (`english`).
"""

import re

from schemas.formats.network import UUID
from schemas.formats.registry import validate
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from serving.engines.rules.english import is_phrase

_BEFORE, _AFTER = 40, 24
_NUMBER_WORDS = (
    r"(?:(?:号码?|號碼?|代码|代號|编号|編號)|[ _-]?(?:(?<![a-z])(?:no|number|num|id|code|ref|sn)(?![a-z])|#))"
)
_NUMBERED = (
    "(?<!报告)(?<!检查)(?<!检验)(?<!化验)[单單]|流水|交易|物流|快递|包裹|批次?|货|发票|發票|票据|收据|合同|(?<![档病])案|券|会议|會議|"
    "基金|股票|证券|航班|备案|受理|"
    r"(?<![a-z])(?:order|invoice|tracking|waybill|awb|ticket|booking|meeting|coupon|voucher|batch|swift|bic)"
)
_ALONE = (
    "订单|訂單|流水|运单|運單|券码|券碼|优惠码|优惠券|时间戳|時間戳|条形?码|"
    r"(?<![a-z])(?:timestamp|swift|bic|swift/bic)"
)
_LABELLED = re.compile(
    rf"(?:(?:{_NUMBERED}){_NUMBER_WORDS}|{_ALONE})[\"']?(?: is|是|为|為)?[ .:#=\"']{{0,4}}[A-Z]{{0,6}}-?\Z", re.IGNORECASE
)
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ./-]{2,60})")
_SECONDS_LABEL = re.compile(
    r"(?:时间戳|時間戳|time(?:stamp)?|(?<![a-z])ts|_at|(?<![a-z])(?:exp|iat|nbf)|expires?)[\"']?[ :=]{1,3}\Z", re.I
)
_SECONDS = re.compile(r"1[0-9]{9}(?:[0-9]{3})?")
_UUID = re.compile(rf"(?<![0-9A-Za-z]){UUID}(?![0-9A-Za-z])")
_OWNED = re.compile(
    r"key|token|secret|密|令牌|凭|dev|imei|meid|设备|設備|idf|oaid|aaid|gaid|android|app|client|licen[cs]e|激活|password|pwd|session|user|hook", re.I
)
_CASE = re.compile(
    r"[(\[〔](?:19|20)[0-9]{2}[)\]〕][㐀-鿿]{0,4}[0-9]{0,6}[㐀-鿿]{1,6}(?:字第)?[0-9]{1,8}(?:-[0-9]{1,4})?号"
)
_AMOUNT = re.compile(r"(?<![0-9A-Za-z.])[+-] ?[0-9]{1,3}(?:,?[0-9]{3}){0,4}\.[0-9]{1,2}(?![0-9.-])")
_MASK = "[*＊○◯●×■□某]"
_MASKED_NAME = re.compile(rf"[㐀-鿿]{{0,2}}{_MASK}{{1,3}}[㐀-鿿]{{0,2}}|[A-Za-z]{{1,20}}[*]{{1,20}}[A-Za-z]{{0,20}}")
_COMPOUND_SURNAMES = "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|皇甫|尉迟|尉遲|公孙|公孫|慕容|令狐|司徒|夏侯|端木|东方|南宫|长孙|宇文"
_SURNAME = re.compile(f"[㐀-鿿]|{_COMPOUND_SURNAMES}")
_MASK_BEHIND = re.compile(rf"{_MASK}(?!{_MASK}{{3}})")


def belongs_to_nobody(text: str, entity: Entity) -> bool:
    """Whether the value of `entity` in folded `text` is nobody's, by its form and by what stands around it."""
    value = text[entity.start : entity.end]
    if entity.type is EntityType.PERSON_NAME:
        return _is_masked_name(text, entity, value) or is_phrase(value)
    before = text[max(0, entity.start - _BEFORE) : entity.start]
    if _CODE.fullmatch(value) and _is_numbered(entity.type, before, value):
        return True
    window = before + text[entity.start : entity.end + _AFTER]
    start = len(before)
    end = start + len(value)
    return any(
        match.start() < end and start < match.end()
        for pattern in (_CASE, _AMOUNT, _UUID)
        for match in pattern.finditer(window)
        if pattern is not _UUID or not _OWNED.search(window, 0, match.start())
    )


def _is_numbered(kind: EntityType, before: str, value: str) -> bool:
    """Whether the label before a number is one of a thing, and the number no resident ID all the same."""
    if _SECONDS.fullmatch(value) and _SECONDS_LABEL.search(before):
        return True
    if not _LABELLED.search(before):
        return False
    return not (kind is EntityType.ID_CARD_NUMBER and validate(kind, value))


def _is_masked_name(text: str, entity: Entity, value: str) -> bool:
    """Whether characters of a name are masked: in the span, or behind the surname that is the span."""
    if _MASKED_NAME.fullmatch(value):
        return True
    if not _SURNAME.fullmatch(value) or re.match(_MASK, text[max(0, entity.start - 1) : entity.start]):
        return False
    return bool(_MASK_BEHIND.match(text, entity.end))
