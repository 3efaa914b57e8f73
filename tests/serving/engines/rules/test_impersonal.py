"""What belongs to nobody is no entity, whoever found it, and what is somebody's stays."""

import pytest

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from schemas.text.fold import fold
from serving.engines.rules.impersonal import belongs_to_nobody

T = EntityType

NOBODYS = [
    (T.EMPLOYEE_ID, "刚下[MU8149]，空姐人超好"),
    (T.EMPLOYEE_ID, "[G4791]次晚点了"),
    (T.ADDRESS, "[（2021）鲁0102民初777号]判决"),
    (T.LICENSE_PLATE, "（2021）[鲁01]02民初777号"),
    (T.PERSON_NAME, "（2021）[鲁民]终8号"),
    (T.PASSPORT_NUMBER, "发票号码：[20481357]"),
    (T.PHONE_NUMBER, "运单号 YT[7700112233445]"),
    (T.PASSWORD, "券码：[70118822]"),
    (T.BANK_ACCOUNT_NUMBER, "支付流水 [880011223344]"),
    (T.PHONE_NUMBER, "Zoom Meeting ID: [733-118-9021]"),
    (T.POSTAL_CODE, "基金代码 [161725]"),
    (T.PASSWORD, "SWIFT code: [ABOCCNBJ]"),
    (T.PHONE_NUMBER, '"created_at":[1699000000]'),
    (T.PHONE_NUMBER, "到账[+1860.00]元"),
    (T.SECRET_KEY, "trace [0f8fad5b-d9cb-469f-a165-70867728950e] failed"),
    (T.DEVICE_ID, "trace [0f8fad5b-d9cb]-469f-a165-70867728950e"),
    *(
        (T.PERSON_NAME, text)
        for text in ("[周*]您好", "户主[周○民]", "被告人[周某某]", "证人[周]某甲", "[诸葛]**", "[周]X来电")
    ),
    (T.PERSON_NAME, "收件人：[J***]"),
    *(
        (T.PERSON_NAME, f"请看[{text}]")
        for text in ("Shipping Notice", "Ladies and Gentlemen", "New Zealand", "Overview")
    ),
    (T.PERSON_NAME, "[Lunch] Meeting"),
    (T.ADDRESS, "[New Zealand, South Korea]"),
    (T.ADDRESS, "地址在[山东省青岛市]市南区"),
    (T.ID_CARD_NUMBER, "鲁公网安备 [37020202000001]号"),
]

SOMEBODYS = [
    (T.EMPLOYEE_ID, "工号[SW0093]，姓名"),
    (T.EMPLOYEE_ID, "名单如下 [SW0093]"),
    (T.EMPLOYEE_ID, "[SW0093]取消了权限"),
    (T.ID_CARD_NUMBER, "订单号 [11010519491231002X]"),
    (T.EMAIL, "发票：[li@example.com]"),
    (T.PHONE_NUMBER, "订单联系[13800138000]"),
    (T.PHONE_NUMBER, "Taylor Swift [13800138000]"),
    (T.PHONE_NUMBER, "电话[+8613800138000]"),
    (T.DRIVER_LICENSE_NUMBER, "档案编号[440300123456]"),
    (T.MEDICAL_RECORD_NUMBER, "病案号 [0012345]，检查单号 "),
    (T.MEDICAL_RECORD_NUMBER, "检查单号 [CT2024001]"),
    (T.DEVICE_ID, "IDFA [0f8fad5b-d9cb-469f-a165-70867728950e]"),
    (T.SECRET_KEY, "client_secret=[0f8fad5b-d9cb-469f-a165-70867728950e]"),
    (T.GEO_COORDINATE, "[-33.86], 151.21"),
    (T.DATE_TIME, "订单号 [2024-03-15]"),
    *((T.PERSON_NAME, text) for text in ("**[周]**", "*[周民]*", "[周]来电", "[周民]X光", "[欧阳]经理")),
    *(
        (T.PERSON_NAME, text)
        for text in (
            "[Grace and Joy]",
            "[Grace Young]",
            "[Mark Baker]",
            "[Mark Brown]",
            "[An Li]",
            "[Skip] said",
            "[José]",
            "Dear [Grace]",
        )
    ),
]


def _nobodys(kind: EntityType, marked: str) -> bool:
    start, end = marked.index("["), marked.index("]") - 1
    return belongs_to_nobody(fold(marked.replace("[", "").replace("]", "")), Entity(start, end, kind))


@pytest.mark.parametrize(("kind", "marked"), NOBODYS)
def test_what_belongs_to_nobody(kind: EntityType, marked: str) -> None:
    assert _nobodys(kind, marked)


@pytest.mark.parametrize(("kind", "marked"), SOMEBODYS)
def test_what_belongs_to_somebody(kind: EntityType, marked: str) -> None:
    assert not _nobodys(kind, marked)


@pytest.mark.parametrize(("end", "is_nobodys"), [("", True), ("人民路12号", False)])
def test_many_divisions_take_no_longer_than_their_length(end: str, is_nobodys: bool) -> None:
    """With as many ways to part them as there were, this would not end."""
    text = "长沙市芙蓉区" * 40 + end
    assert belongs_to_nobody(text, Entity(0, len(text), T.ADDRESS)) is is_nobodys
