"""Values that are known from one text and stand in another."""

import pytest

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from serving.gateway.known_values import KnownNames, KnownValues
from serving.gateway.masking import spread


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
        (EntityType.PASSWORD, "ab12", "口令ab12，xab12", "ab12"),
        (EntityType.POSTAL_CODE, "100022", "100-022", ""),
    ],
)
def test_a_value_is_marked_where_it_is_written_otherwise(kind: EntityType, value: str, text: str, there: str) -> None:
    _, found = spread([marked(f"是 {value} 吧", value, kind), Prediction(text, ())])
    assert [text[one.start : one.end] for one in found.detections] == ([there] if there else [])
    assert all(one.type is kind for one in found.detections)


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
