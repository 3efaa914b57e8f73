"""What a model marked, cut to the form of its type."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats.registry import FORMATS
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.taxonomy import EntityType as T
from serving.engines.fitting.fit import fit


def fitted(marked: str, kind: EntityType) -> list[tuple[EntityType, str]]:
    """Types and values after fitting; `marked` is a text in which the model marked what stands in 【】."""
    before, _, rest = marked.partition("【")
    value, _, after = rest.partition("】")
    detection = Detection(Entity(len(before), len(before) + len(value), kind), 0.5, "model")
    prediction = fit(Prediction(before + value + after, (detection,)))
    assert all(found.score == 0.5 for found in prediction.detections)
    return [(entity.type, prediction.value(entity)) for entity in prediction.entities]


@given(st.sampled_from(list(FORMATS)), st.integers(0, 1 << 32))
def test_every_value_of_a_format_stays_whole(kind: EntityType, seed: int) -> None:
    value = FORMATS[kind].example(Random(seed))
    assert fitted(f"值：【{value}】。", kind) == [(kind, value)]


@pytest.mark.parametrize(
    ("marked", "kind", "value"),
    [
        ("身份证【42010619851107003Xqwe】", T.ID_CARD_NUMBER, "42010619851107003X"),
        (
            "身份证【１１０１０５１９８８０７１４２３１５ｑｗｑ】",
            T.ID_CARD_NUMBER,
            "１１０１０５１９８８０７１４２３１５",
        ),
        ("护照【E73920184OK】", T.PASSPORT_NUMBER, "E73920184"),
        ("手机【13612345678aaa】", T.PHONE_NUMBER, "13612345678"),
        ("卡号【6217001234567890123thx】", T.BANK_CARD_NUMBER, "6217001234567890123"),
        ("车牌【京A88K21ok】", T.LICENSE_PLATE, "京A88K21"),
        ("车牌【京B12345hh】", T.LICENSE_PLATE, "京B12345"),
        ("车架号【LSVAU033272222999ok】", T.VEHICLE_VIN, "LSVAU033272222999"),
        ("税号【91350100M000100Y43ok】", T.TAX_NUMBER, "91350100M000100Y43"),
        ("【0.0.0.0:】6379", T.IP_ADDRESS, "0.0.0.0"),
        ("电话【电话13612345678】", T.PHONE_NUMBER, "13612345678"),
        ("卡【6217001234567890123④】有效期", T.BANK_CARD_NUMBER, "6217001234567890123"),
        ("【①13612345678 ②】", T.PHONE_NUMBER, "13612345678"),
        ("【①③⑥①②③④⑤⑥⑦⑧】", T.PHONE_NUMBER, "①③⑥①②③④⑤⑥⑦⑧"),
    ],
)
def test_what_is_glued_to_a_value_stays_outside(marked: str, kind: EntityType, value: str) -> None:
    assert fitted(marked, kind) == [(kind, value)]


@given(st.sampled_from(ALL_TYPES), st.text("\n\u3000 4李a-", min_size=1), st.sampled_from([" 15", "", "|"]))
def test_white_space_at_the_ends_is_no_fault(kind: EntityType, marked: str, after: str) -> None:
    for _, value in fitted(f"值：【{marked}】{after}", kind):
        assert value in marked and value == value.strip()


def test_one_span_never_covers_two_values() -> None:
    assert fitted("【1361234567813987654321】", T.BANK_ACCOUNT_NUMBER) == [
        (T.PHONE_NUMBER, "13612345678"),
        (T.PHONE_NUMBER, "13987654321"),
    ]
    assert fitted("【13612345678/13987654321】", T.PHONE_NUMBER) == [
        (T.PHONE_NUMBER, "13612345678"),
        (T.PHONE_NUMBER, "13987654321"),
    ]
    assert [value for _, value in fitted("抄送【a@example.com,b@example.com】", T.EMAIL)] == [
        "a@example.com",
        "b@example.com",
    ]


@pytest.mark.parametrize(
    ("marked", "kind"),
    [
        ("微博【weibo.example.com】", T.EMAIL),
        ("【R.E.S.C.U.E.】 续集", T.MAC_ADDRESS),
        ("料号【21.43.65.87.09.1】", T.MAC_ADDRESS),
        ("第【4.3.2.1.5】节", T.IP_ADDRESS),
        ("生日【1990.10.31】", T.IP_ADDRESS),
        ("【08:31:12.553210】", T.IP_ADDRESS),
        ("序列号【04:9A:1C:77:E2:0B:91:AE】", T.MAC_ADDRESS),
        ("编号【18712345678】", T.ID_CARD_NUMBER),
        ("车型【秦PLUS】", T.LICENSE_PLATE),
        ("【please check again】", T.SECRET_KEY),
        ("【access-token-required】", T.SECRET_KEY),
        ("卡【1234】", T.BANK_CARD_NUMBER),
        ("X【232452】", T.PHONE_NUMBER),
        ("学号【S20221108】", T.QQ_NUMBER),
        ("信用卡【4111111111111111】", T.TAX_NUMBER),
    ],
)
def test_a_span_without_the_form_of_its_type_is_not_of_it(marked: str, kind: EntityType) -> None:
    assert kind not in [found for found, _ in fitted(marked, kind)]


@pytest.mark.parametrize(
    ("marked", "kind"),
    [
        ("【zhang(at)example.com】", T.EMAIL),
        ("【zhang at example dot com】", T.EMAIL),
        ("【一三六一二三四五六七八】", T.PHONE_NUMBER),
        ("【(0755) 8888-1234】", T.PHONE_NUMBER),
        ("【S2904220I】", T.ID_CARD_NUMBER),
        ("【C4J9K2T71】", T.PASSPORT_NUMBER),
        ("【00 1A 2B 3C 4D 5E】", T.MAC_ADDRESS),
        ("【192.168.1.300】", T.IP_ADDRESS),
        ("【AB-123-CD】", T.LICENSE_PLATE),
        ("【glpat-vZkWkBYsZnExDmrABLWD】", T.SECRET_KEY),
        ("【坑爹的密码】", T.PASSWORD),
    ],
)
def test_forms_of_other_countries_and_spelled_ones_stay(marked: str, kind: EntityType) -> None:
    assert fitted(marked, kind) == [(kind, marked[1:-1])]


def test_a_number_with_province_and_birth_date_is_a_resident_id() -> None:
    for kind in (T.BANK_CARD_NUMBER, T.TAX_NUMBER, T.DRIVER_LICENSE_NUMBER, T.USERNAME):
        assert fitted("ID card 【120103198707192389】", kind) == [(T.ID_CARD_NUMBER, "120103198707192389")]


def test_a_value_that_fits_another_type_alone_becomes_one() -> None:
    assert fitted("户名张三，【5083 3176 4221 2630 8316】", T.BANK_CARD_NUMBER) == [
        (T.BANK_ACCOUNT_NUMBER, "5083 3176 4221 2630 8316")
    ]
    assert fitted("证件号【G70011223】", T.ID_CARD_NUMBER) == [(T.PASSPORT_NUMBER, "G70011223")]


@given(
    st.lists(st.sampled_from(ALL_TYPES), min_size=3), st.text("1389 -./@aX张京A加,，\n*、于座", min_size=1), st.data()
)
def test_what_is_left_is_sorted_and_within_the_text(kinds: list[EntityType], text: str, data: st.DataObject) -> None:
    borders = sorted(data.draw(st.sets(st.integers(0, len(text)), min_size=min(2, len(text)), max_size=6)))
    spans = zip(borders, borders[1:], kinds, strict=False)
    marked = tuple(Detection(Entity(start, end, kind), 0.5, "model") for start, end, kind in spans)
    left = fit(Prediction(text, marked))
    assert Prediction(text, left.detections) == left


def test_what_an_address_takes_in_the_next_value_loses() -> None:
    text = "学府路9号2单元120313612345678"
    prediction = Prediction(
        text,
        (
            Detection(Entity(0, 9, T.ADDRESS), 0.5, "model"),
            Detection(Entity(9, len(text), T.PHONE_NUMBER), 0.5, "model"),
        ),
    )
    found = fit(prediction)
    assert [found.value(entity) for entity in found.entities] == ["学府路9号2单元1203", "13612345678"]


def test_what_an_address_takes_in_before_it_goes() -> None:
    text = "李雷 8/F, Block C, 9 Sample Road"
    spans = [(0, 2, T.PERSON_NAME), (3, 6, T.DATE_OF_BIRTH), (8, 15, T.PERSON_NAME), (17, 30, T.ADDRESS)]
    found = fit(Prediction(text, tuple(Detection(Entity(*span), 0.5, "model") for span in spans)))
    assert [found.value(entity) for entity in found.entities] == ["李雷", "8/F, Block C, 9 Sample Road"]


def test_a_value_ends_where_the_next_row_begins() -> None:
    assert fitted("1 来账 【8104 2017 2200 1463\n4】 手续费 15.5", T.BANK_ACCOUNT_NUMBER) == [
        (T.BANK_ACCOUNT_NUMBER, "8104 2017 2200 1463")
    ]
    assert fitted("zouxun,M\n【M\nJasmine_77】,贾思敏", T.USERNAME) == [(T.USERNAME, "Jasmine_77")]
    assert fitted("病历号【B0371\n9928】\n科别 内", T.MEDICAL_RECORD_NUMBER) == [
        (T.MEDICAL_RECORD_NUMBER, "B0371\n9928")
    ]
    assert fitted("寄【上海市示例路1号\n2楼】 前台", T.ADDRESS) == [(T.ADDRESS, "上海市示例路1号\n2楼")]


def test_words_of_one_latin_name_become_one() -> None:
    def joined(text: str, *values: str) -> list[str]:
        spans = [Entity(text.index(value), text.index(value) + len(value), T.PERSON_NAME) for value in values]
        found = fit(Prediction(text, tuple(Detection(entity, 0.5, "model") for entity in spans)))
        return [found.value(entity) for entity in found.entities]

    assert joined("Ask Prof. Ruth Lane now", "Prof. Ruth", "Lane") == ["Ruth Lane"]
    assert joined("Ojukwu, C.; Shih, Y.-L.; Lee, Ann", "Ojukwu", "C.", "Shih", "Y.-L.", "Lee", "Ann") == [
        *("Ojukwu, C.", "Shih, Y.-L."),
        *("Lee", "Ann"),
    ]
    assert joined("Ruth, Omar", "Ruth", "Omar") == ["Ruth", "Omar"]
    assert joined("贾明 Jia Ming", "贾明", "Jia Ming") == ["贾明", "Jia Ming"]


@pytest.mark.parametrize(
    ("marked", "kind"),
    [
        ("卡号【六二一二 二六五五 九六二八 五九零三】", T.BANK_CARD_NUMBER),
        ("工号【六一八九零】", T.EMPLOYEE_ID),
        ("卡【6228 2318 85O0 1251 18】", T.BANK_CARD_NUMBER),
        ("账号 【20—612 3O104600O0405】", T.BANK_ACCOUNT_NUMBER),
        ("病历号:【A00l73926】", T.MEDICAL_RECORD_NUMBER),
        ("电话【O24-8690 4418】", T.PHONE_NUMBER),
        ("tel 【+49 (0)172 / 239 19 06】.", T.PHONE_NUMBER),
        ("NI number: 【JT 40 18 72 C】", T.SOCIAL_SECURITY_NUMBER),
        ("医保编号【4201D0807031】", T.SOCIAL_SECURITY_NUMBER),
        ("PAN 【BKQPM4471R】", T.TAX_NUMBER),
        ("CPF 【417.290.583-55】", T.TAX_NUMBER),
        ("户口【HL-8802-33917】", T.BANK_ACCOUNT_NUMBER),
        ("八达通【60297718(3)】", T.MEMBER_ID),
        ("车【PB-10-HQ-4471】", T.LICENSE_PLATE),
        ("VIN 【LS4AAB3D6HA7 30918】", T.VEHICLE_VIN),
        ("家属【衡\n小军】 已告知", T.PERSON_NAME),
        ("户名【闭\n 彩 莲】\n账号", T.PERSON_NAME),
        ("旅客【HUO/PING'AN】 MS", T.PERSON_NAME),
    ],
)
def test_what_a_value_may_look_like_stays_whole(marked: str, kind: T) -> None:
    start, end = marked.index("【"), marked.index("】") - 1
    assert fitted(marked, kind) == [(kind, marked.replace("【", "").replace("】", "")[start:end])]


def test_two_lines_of_names_are_two_persons() -> None:
    assert [value for _, value in fitted("名单【张三\n李四】", T.PERSON_NAME)] == ["张三", "李四"]


@pytest.mark.parametrize("marked", ["Court | 【Y\nDube, Q.】", "cornfield 【🌽\n\nDube, Q.】"])
def test_what_stands_in_the_line_above_a_name_is_none(marked: str) -> None:
    assert [value for _, value in fitted(marked, T.PERSON_NAME)] == ["Dube, Q."]


def test_spaced_digits_take_no_longer_than_their_length() -> None:
    """With two ways to read each space, as there were, this would not end."""
    assert fitted(f"账号是【{' '.join('8216' * 7)}x】", T.BANK_CARD_NUMBER)
