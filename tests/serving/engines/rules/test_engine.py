"""What the rules find, where, and what they leave alone."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidTextError
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.engines.rules.engine import RulesEngine
from tests.serving.engines.rules.marks import unmark

T = EntityType
DETECTOR = RulesEngine()

MARKED = {
    T.PHONE_NUMBER: [
        "电话[13800138000]联系",
        "[+86 138-0013-8000]，[0086 13800138000]，[86-13800138000]，[(+86)13800138000]，（[+8613800138000]）",
        "[138.0013.8000] [138 0013 8000] [1380 013 8000] [8613800138000] [1 3 8 0 0 1 3 8 0 0 0]",
        "全角[１３８００１３８０００]、[１３８－００１３－８０００]，[（＋８６）13800138000]",
        "[010-12345678]，[(0755)8888 8888]，[（0755）88888888]，[+86 21 6888 0000]，[0086-10-12345678]",
        "分机不算：[021-68880000]转801，[010-12345678]-801，[010-12345678]ext801",
        "座机[01012345678]，传真：[075588888888]",
        "[+1 415 555 2671], [+44 20 7946 0958], [+852 9123 4567] [+1 (415) 555-2671] 2024",
        "[13800138000]/[13900139000]、[13800138000]-[13900139000] [13800138000] [13900139000]",
        "[13800138000]。[13800138000]. phone_[13800138000]_1",
        "电话[13800138000]haha，手机[13800138000]wx同号，[13800138000]haha，Tel[13800138000]",
        "学府路9号2单元1203[13612345678]贾明，5号楼70[13612345678]，9栋1[13612345678]",
    ],
    T.EMAIL: [
        "邮箱[zhangsan@example.com]，[13800138000@163.com]联系",
        "[li@example.com]haha，[li@qq.com]13800138000，[a@b.com.cn]ok，[a@b.community]，[a@b.network] [a@b.education]",
        "Mail [a.b-c+d@mail.example.co.uk]. <[x@y.cn]> 邮箱-[abc@x.com] [ｚ＠ｑｑ．ｃｏｍ]",
    ],
    T.ID_CARD_NUMBER: [
        "身份证[11010519491231002X]，[11010519491231002x]的",
        "[110105 19491231 002X] [110105-19491231-002X] [1101 0519 4912 3100 2X] [１１０１０５１９４９１２３１００２Ｘ]",
        "身份证号码：[110105491231002]，110105491231002无关",
        "身份证号：[110105194912310021]，错号110105194912310021",
        "[11010519491231002X]haha，身份证[110105194912310021]thx",
        "[A123456(3)] 香港身份证[A1234563]，台湾身份证[A123456789]",
    ],
    T.BANK_CARD_NUMBER: [
        "[4111111111111111] [4111-1111-1111-1111] [4111 1111 1111 1111] 12个月",
        "[6222020200112233446] [6222 0202 0011 2233 446]，[622202 0200112233446] 2024",
        "[378282246310005] [3782 822463 10005] 卡号：[6222020200112233445]，6222020200112233445",
    ],
    T.BANK_ACCOUNT_NUMBER: [
        "[DE89370400440532013000] [DE89 3704 0044 0532 0130 00] [GB29 NWBK 6016 1331 9268 19] BIC",
        "账户[ES91 2100 0418 4502 0005 1332] CODE",
    ],
    T.TAX_NUMBER: ["信用代码[91350100M000100Y43]，税号：[91110000600037341M]，[91110000600037341l]"],
    T.LICENSE_PLATE: [
        "车牌[京A12345]，[京A·12345]，[京A 12345]，[京A-12345]，[京Ａ１２３４５]，[京a12345]",
        "[沪AD12345]、[粤BF12345]、[粤B12345D]和[粤Z1234港]、[京A1234警]、[川A1234挂]；车牌：[224578使]",
    ],
    T.VEHICLE_VIN: ["[1M8GDM9AXKP042788]，车架号[1HGBH41JXMN109186]。VIN：[WVWZZZ1JZ3W386752]，WVWZZZ1JZ3W386752"],
    T.IP_ADDRESS: [
        "[192.168.1.10]:8080，网段[10.0.0.0]/8，IP：[１９２．１６８．１．１]。[172.16.0.1].",
        "版本 3.2 服务器[192.168.1.1]",
        "IPv6：[2001:db8::1]，[fe80::1ff:fe23:4567:890a]%eth0，[::ffff:192.168.1.1]",
    ],
    T.MAC_ADDRESS: ["MAC：[00:1A:2B:3C:4D:5E]，[00-1a-2b-3c-4d-5e]，[001a.2b3c.4d5e]。"],
    T.DEVICE_ID: [
        "IMEI：[490154203237518]，490154203237518",
        "IMEI [49-015420-323751-8]; 串号[490154203237519]; IDFA: [6D92078A-8246-4BA4-AE5B-76104861E7DC]",
    ],
    T.CRYPTO_ADDRESS: [
        "[1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa]，[bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq]。",
        "[bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr] [0x52908400098527886E0F7030069857D2E4169EE7]",
    ],
}

NOTHING = [
    *("400-820-8820", "800-820-8820", "4008208820", "95588", "10086", "12345", "110", "+86 400 820 8820", "010-95588"),
    *(
        "DD20240315138001380001",
        "12345678901234567890",
        "11010519491231002X99",
        "订单号：13800138000",
        "ab13800138000cd",
    ),
    *("团号20191226123456", "120313612345678", "9栋113612345678901"),
    *("12012345678", "23800138000", "1380013800", "138001380000", "13800138000元", "￥13800138000", "3.13800138000"),
    *("13800138000ms", "13800138000abcdef", "版本13800138000beta"),
    *("2024-03-15", "20240315", "2024年3月15日 12:30:45", "2024.03.15", "20240315123045", "1710460800000"),
    *(
        "v1.2.3.4",
        "V 1.2.3.4",
        "版本1.2.3.4",
        '"os":"HarmonyOS 4.2.0.168"',
        "目标 PD2200_A_14.1.18.2 已推送",
        "版本号：1.2.3.4",
        "version 1.2.3.4",
        "1.2.3.4.5",
        "第1.2.3.4节",
        "1.2.3.256",
    ),
    *("CA1831", "MU5137次航班", "GB/T 35273-2020", "ISBN 978-7-111-12345-6", "12,345.67", "3.1415926535"),
    *("4111111111111112", "订单号 4111111111111111", "6222020200112233445", "DE89370400440532013001"),
    *(
        "云SERVER",
        "京AI2345",
        "京A123456",
        "新VERSION",
        "密码123456使用",
        "std::vector<int>",
        "abc::def",
        "01-05-12-18-23-33",
    ),
    *("AA:BB:CC:DD:EE:FF:00:11", "0x1234", "a@b", "@example.com", "490154203237518", "1234.5678.9012", ""),
]


def _found(text: str, types: list[EntityType] | None = None) -> list[tuple[EntityType, str]]:
    prediction = DETECTOR.detect([text], types)[0]
    return [(entity.type, f"{entity.start}:{prediction.value(entity)}") for entity in prediction.entities]


@pytest.mark.parametrize(("kind", "marked"), [(kind, marked) for kind, rows in MARKED.items() for marked in rows])
def test_finds_exactly_the_marked_values(kind: EntityType, marked: str) -> None:
    text, values = unmark(marked)
    assert values
    assert _found(text) == [(kind, value) for value in values]


@pytest.mark.parametrize("text", NOTHING)
def test_finds_nothing(text: str) -> None:
    assert _found(text) == []


def test_url_is_found_on_request_only() -> None:
    text = "见https://example.com/a?tel=13800138000。或www.example.com/x"
    assert _found(text) == [(T.PHONE_NUMBER, "27:13800138000")]
    urls = [(T.URL, "1:https://example.com/a?tel=13800138000"), (T.URL, "40:www.example.com/x")]
    assert _found(text, [T.PHONE_NUMBER, T.URL]) == urls


def test_brackets_of_an_ipv6_host_are_outside() -> None:
    assert _found("[2001:db8::1]:443") == [(T.IP_ADDRESS, "1:2001:db8::1")]


def test_an_ipv6_address_begins_behind_a_colon() -> None:
    assert _found("地址:2001:db8:0:1::5,::1") == [(T.IP_ADDRESS, "3:2001:db8:0:1::5")]


def test_types_limit_the_answer_but_not_who_wins() -> None:
    text = "13800138000@163.com 13900139000"
    assert _found(text, [T.PHONE_NUMBER]) == [(T.PHONE_NUMBER, "20:13900139000")]
    assert _found(text, [T.EMAIL]) == [(T.EMAIL, "0:13800138000@163.com")]
    assert _found(text, []) == []


@pytest.mark.parametrize(
    ("text", "score", "validated"),
    [
        ("11010519491231002X", 0.99, True),
        ("身份证11010519491231002X", 0.99, True),
        ("身份证110105194912310021", 0.6, False),
        ("身份证110105491231002", 0.9, True),
        ("13800138000", 0.95, True),
        ("0x52908400098527886E0F7030069857D2E4169EE7", 0.95, None),
    ],
)
def test_score_and_check_result(text: str, score: float, validated: bool | None) -> None:
    (found,) = DETECTOR.detect([text])[0].detections
    assert (found.score, found.source, found.validated) == (score, "rule", validated)


def test_one_prediction_per_text_in_order() -> None:
    predictions = DETECTOR.detect(["a@b.cn", "", "x 10.1.1.1"])
    assert [prediction.text for prediction in predictions] == ["a@b.cn", "", "x 10.1.1.1"]
    assert [len(prediction.detections) for prediction in predictions] == [1, 0, 1]


def test_lone_surrogate_is_refused() -> None:
    with pytest.raises(InvalidTextError):
        DETECTOR.detect(["13800138000\ud800"])


_VALUES = [unmark(marked)[0] for rows in MARKED.values() for marked in rows]
_PIECES = st.sampled_from([*_VALUES, "身份证", "IMEI", "卡号:", " ", "-", "１", "①", "x"]) | st.text(max_size=5)


@given(st.text() | st.text("0123456789 -.:+()@xA京") | st.lists(_PIECES, max_size=6).map("".join))
def test_spans_are_sorted_disjoint_and_inside(text: str) -> None:
    prediction = DETECTOR.detect([text], ALL_TYPES)[0]
    end = 0
    for detection in prediction.detections:
        assert end <= detection.entity.start < detection.entity.end <= len(text)
        value = prediction.value(detection.entity)
        assert value == value.strip()
        assert 0 < detection.score <= 1
        end = detection.entity.end


_UNITS = ["1", "1 ", "1-", "1.", "a", "a.", "a-", ":", "13800138000 ", "+1 2 3 4 5 6 7 8 9 "]
_UNITS += ["一", "://a:b@", '"pwd":"a', "Key=aA1/", "-----BEGIN PRIVATE KEY----- a"]


@pytest.mark.parametrize("unit", _UNITS)
def test_a_million_characters_take_seconds(unit: str) -> None:
    text = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    began = time.process_time()
    DETECTOR.detect([text], ALL_TYPES)
    assert time.process_time() - began < 20  # processor seconds: other programs do not count


@pytest.mark.parametrize(
    "text", ["包裹JD404925880678显示签收", "租车订单HT202509102430：取车", "您订单NO2025111723139的发票"]
)
def test_order_numbers_are_no_iban(text: str) -> None:
    assert RulesEngine().detect([text])[0].entities == ()


@pytest.mark.parametrize(
    "text", ["müller@example.de", "garcía@correo.es", "jérôme.dupont@example.fr", "u\u0308ber@a.de"]
)
def test_an_address_with_accents_is_found_whole(text: str) -> None:
    prediction = RulesEngine().detect([f"邮箱{text}，"])[0]
    assert list(map(prediction.value, prediction.entities)) == [text]
