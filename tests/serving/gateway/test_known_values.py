"""Values that are known from one text and stand in another."""

from itertools import accumulate
from time import process_time

import pytest

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from serving.gateway.known_values import KnownNames, KnownValues
from serving.gateway.spreading import spread


def marked(text: str, value: str, kind: EntityType) -> Prediction:
    """A prediction that `value` is of `kind` where it stands in `text`."""
    start = text.index(value)
    return Prediction(text, (Detection(Entity(start, start + len(value), kind), 0.99, "model"),))


@pytest.mark.parametrize(
    ("kind", "value", "text", "there"),
    [
        (EntityType.PHONE_NUMBER, "13800138000", "单号 138-0013-8000 查询", "138-0013-8000"),
        (EntityType.PHONE_NUMBER, "138 0013 8000", "电话13800138000。", "13800138000"),
        (EntityType.BANK_CARD_NUMBER, "4728120731771274", "order 4728 1207 3177 1274", "4728 1207 3177 1274"),
        (
            EntityType.BANK_CARD_NUMBER,
            "4728120731771274",
            "卡４７２８ １２０７ ３１７７ １２７４失败",
            "４７２８ １２０７ ３１７７ １２７４",
        ),
        (EntityType.ID_CARD_NUMBER, "44078319450130809X", "编号 440783-19450130-809x", "440783-19450130-809x"),
        (EntityType.PHONE_NUMBER, "13800138000", "号 913800138000", ""),
        (EntityType.PHONE_NUMBER, "13800138000", "号 1380013800 0和1", "1380013800 0"),
        (EntityType.PHONE_NUMBER, "13800138000", "打(138)0013-8000。", "(138)0013-8000"),
        (EntityType.PHONE_NUMBER, "13800138000", "打138/0013/8000。", "138/0013/8000"),
        (EntityType.PHONE_NUMBER, "13800138000", "打138_0013_8000。", "138_0013_8000"),
        (EntityType.PHONE_NUMBER, "13800138000", "打138，0013,8000。", "138，0013,8000"),
        (EntityType.PHONE_NUMBER, "13800138000", "打138·0013 - 8000。", "138·0013 - 8000"),
        (EntityType.PHONE_NUMBER, "13800138000", "打138\u200b0013\u200b8000。", "138\u200b0013\u200b8000"),
        (EntityType.PHONE_NUMBER, "13800138000", "İİİ 138-0013-8000", "138-0013-8000"),
        (EntityType.PHONE_NUMBER, "13800138000", "id=tel13800138000", "13800138000"),
        (EntityType.PHONE_NUMBER, "+1 415-555-2671", "at (415) 555-2671", "(415) 555-2671"),
        (EntityType.PHONE_NUMBER, "+1 415-555-2671", "at 4155552671", "4155552671"),
        (EntityType.PHONE_NUMBER, "+852 9123 4567", "打91234567。", "91234567"),
        (EntityType.PHONE_NUMBER, "+44 20 7946 0958", "at 020 7946 0958", "020 7946 0958"),
        (EntityType.QQ_NUMBER, "12345678", "订单99123456780012", ""),
        (EntityType.USERNAME, "user1", "superuser123", ""),
        (EntityType.EMAIL, "li@example.com", "写给li%40example.com。", "li%40example.com"),
        (EntityType.EMAIL, "li%40example.com", "写给li@example.com。", "li@example.com"),
        (EntityType.PERSON_NAME, "王小明", "?q=%E7%8E%8B%E5%B0%8F%E6%98%8E&x", "%E7%8E%8B%E5%B0%8F%E6%98%8E"),
        (EntityType.PERSON_NAME, "王小明", "叫&#29579;小&#26126;吗", "&#29579;小&#26126;"),
        (EntityType.PERSON_NAME, "&#29579;小&#26126;", "叫王小明吗", "王小明"),
        (EntityType.USERNAME, "EMAIL", "给[EMAIL_kp3x9d]", ""),
        (EntityType.PASSWORD, "ab12", "口令ab12，xab12", "ab12"),
        (EntityType.POSTAL_CODE, "100022", "100-022", ""),
    ],
)
def test_a_value_is_marked_where_it_is_written_otherwise(kind: EntityType, value: str, text: str, there: str) -> None:
    _, found = spread([marked(f"是 {value} 吧", value, kind), Prediction(text, ())])
    assert [text[one.start : one.end] for one in found.detections] == ([there] if there else [])
    assert all(one.type is kind for one in found.detections)


@pytest.mark.parametrize("value", ["110101199003{:06}", "https://example.com/u/{}", "user_{}"])
def test_values_that_begin_alike_take_no_long_time(value: str) -> None:
    values = [value.format(number) for number in range(10_000)]
    ends = list(accumulate(len(one) + 1 for one in values))
    text = " ".join(values)
    found = [Entity(end - 1 - len(one), end - 1, EntityType.USERNAME) for one, end in zip(values, ends, strict=True)]
    predictions = [Prediction(text, tuple(Detection(one, 0.99, "model") for one in found)), Prediction(text, ())]
    started = process_time()
    _, further = spread(predictions)
    assert process_time() - started < 10
    assert list(further.entities) == found


def test_places_name_the_value_as_it_was_known() -> None:
    values = KnownValues([(EntityType.EMAIL, "a%40b.example"), (EntityType.PHONE_NUMBER, "138-0013-8000")])
    text = "a@b.example 与 13800138000"
    assert [(text[start:end], value) for start, end, value in values.find(text)] == [
        ("a@b.example", "a%40b.example"),
        ("13800138000", "138-0013-8000"),
    ]


def test_names_are_found_by_their_beginnings() -> None:
    names = KnownNames(["张三", "张三丰", "li lei", "王五"])
    assert list(names.within("告诉张三丰和li lei，再告诉张三")) == ["张三", "张三丰", "li lei"]
    assert not names.within("张 三") and not KnownNames([]).within("张三")
