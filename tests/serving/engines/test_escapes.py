r"""Values are found where they are written with escapes."""

import json
import re
from collections.abc import Iterator, Sequence
from html import escape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from serving.engines.escapes import EscapeReader
from serving.engines.rules.engine import RulesEngine
from tests.serving.gateway.gateways import KnownValues

ENGINE = EscapeReader(KnownValues())
NAME = "张三丰"
WRITTEN = {
    "json": r"\u5f20\u4e09\u4e30",
    "json in json": r"\\u5f20\\u4E09\\u4e30",
    "html": "&#24352;&#x4e09;&#X4E30;",
    "url": "%E5%BC%A0%e4%b8%89%E4%B8%B0",
    "both": r"张\u4e09%E4%B8%B0",
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_name_in_escapes_is_found_where_it_stands(written: str) -> None:
    text = f'{{"name": "{written}", "x": "{NAME}"}} \\u002b &amp; 5% {written}'
    (found,) = ENGINE.detect([text])
    assert [found.value(entity) for entity in found.entities] == [written, NAME, written]
    assert found.text == text


def test_values_of_a_form_are_found_among_escapes() -> None:
    text = r"mail=li.wei%40example.com&tel=%2B8613800138000 \u003ca.b@example.org\u003e"
    (found,) = EscapeReader(RulesEngine()).detect([text])
    values = [(str(one.type), found.value(one)) for one in found.entities]
    assert values == [
        ("EMAIL", "li.wei%40example.com"),
        ("PHONE_NUMBER", "%2B8613800138000"),
        ("EMAIL", "a.b@example.org"),
    ]


@pytest.mark.parametrize(
    "text", [r"\ud842", r"\udfb7x", r"C:\users\uxyz", "&#55362; &#9999999;", "%ff%fe", "100% %zz", ""]
)
def test_what_stands_for_no_character_is_read_as_it_is_written(text: str) -> None:
    (found,) = ENGINE.detect([text + NAME])
    assert [(one.start, one.end) for one in found.entities] == [(len(text), len(text) + len(NAME))]


@pytest.mark.parametrize(
    "written", [r"Ab12\u0022cdEF34", r"Qx7\u0020Kp92#mm", r"Zx9\u00e9kkQ2", r"Zx9kkQ2\u4e2d", "Zx9%E4%B8%ADkkQ2"]
)
def test_a_secret_that_holds_what_reads_like_an_escape_is_found(written: str) -> None:
    (found,) = EscapeReader(RulesEngine()).detect([f'{{"password": "{written}"}}'])
    assert [found.value(one) for one in found.entities] == [written]


def test_a_bias_goes_to_the_engine_within() -> None:
    assert isinstance(ENGINE.with_bias(1.0), EscapeReader)


@given(
    st.lists(
        st.sampled_from([NAME, "王小明", "13812345678", "好", "a", " ", "💬", "\n", '"', "%", "&#", "\\u"]), max_size=12
    )
)
def test_any_writer_of_escapes_is_read(parts: list[str]) -> None:
    plain = "".join(part for part in parts if part not in ("%", "&#", "\\u"))
    (told,) = ENGINE.detect([plain])
    values = [plain[one.start : one.end] for one in told.entities]
    for writer in (json.dumps, quote, lambda text: "".join(f"&#{ord(char)};" for char in escape(text, quote=False))):
        (found,) = ENGINE.detect([writer(plain)])
        assert [one.type for one in found.entities] == [one.type for one in told.entities]
        assert [found.value(one) for one in found.entities] == [_inner(writer, value) for value in values]
    (found,) = ENGINE.detect(["".join(parts)])  # and anything can be asked
    assert all(one.type in EntityType for one in found.entities)


def _inner(writer: object, value: str) -> str:
    written = str(writer(value))  # type: ignore[operator]
    return written[1:-1] if writer is json.dumps else written


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r'api_key="aw7VShWy!%E5%BC%A0p6uv"', [("SECRET_KEY", "aw7VShWy!%E5%BC%A0p6uv")]),
        ('{"name": "' + WRITTEN["json"] + '"}', [("PERSON_NAME", WRITTEN["json"])]),
    ],
)
def test_a_secret_is_whole_and_takes_no_value_for_its_own(text: str, found: list[tuple[str, str]]) -> None:
    (prediction,) = EscapeReader(Halves()).detect([text])
    assert [(str(one.type), prediction.value(one)) for one in prediction.detections] == found


class Halves(UnbiasedEngine):
    """Finds a name, half of a secret where it reads 张 in it, and takes what is escaped for a secret."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        return [Prediction(str(text), tuple(self._found(str(text)))) for text in texts]

    def _found(self, text: str) -> Iterator[Detection]:
        for kind, pattern in (
            (EntityType.SECRET_KEY, r'(?<=api_key=")[^张"]+|(?<=: ")\\u[^"]+'),
            (EntityType.PERSON_NAME, NAME),
        ):
            for match in re.finditer(pattern, text):
                yield Detection(Entity(match.start(), match.end(), kind), 0.9, "model")


def test_what_is_a_part_of_a_secret_is_no_value_of_its_own() -> None:
    text = "%40 http://ab:pw9@x1@h 1.2.3.4 " * 3
    found = EscapeReader(RulesEngine()).detect([text])[0]
    assert found.detections == tuple(sorted(found.detections, key=lambda one: one.start))
    assert [found.value(entity) for entity in found.entities if entity.type == "IP_ADDRESS"] == ["1.2.3.4"] * 3


@pytest.mark.parametrize(
    "unseen", [*"\u00ad\u200b\u200d\u200e\u202c\u2060\ufe0f\ufeff", "\u200b\u200b", "\u202c\u2060\u202d"]
)
def test_characters_that_nobody_sees_hide_no_value(unseen: str) -> None:
    values = [
        unseen.join(("138", "1234", "5678")),
        unseen.join(("110105", "19491231", "002X")),
        unseen.join("13912345678"),
        unseen.join(("li.wei", "@example", ".com")),
    ]
    text = f"手机号：{unseen}{values[0]}{unseen}，身份证{values[1]}，{values[2]}{unseen}\n{values[3]}"
    (found,) = EscapeReader(RulesEngine()).detect([text])
    assert [found.value(entity) for entity in found.entities] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("13812345678\u200b13912345678", ["13812345678", "13912345678"]),
        ("房间302\u200b13800138000", ["13800138000"]),
        ("身份证11010519491231002X\u200b138", ["11010519491231002X"]),
        ("卡4728120731771274\u200b08/29，4728120\u200b731771274", ["4728120731771274", "4728120\u200b731771274"]),
        ("IP 91.239.18.60\u200b22端口", ["91.239.18.60"]),
        ("138\u200b 0013\u200b 8000 (010)\u200b62345678", ["138\u200b 0013\u200b 8000", "(010)\u200b62345678"]),
    ],
)
def test_values_that_only_an_unseen_character_parts_are_found(text: str, values: list[str]) -> None:
    (found,) = EscapeReader(RulesEngine()).detect([text])
    assert [found.value(entity) for entity in found.entities] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (r'{"msg": "客户\t13800138000\t"}', ["13800138000"]),
        (r'print("a\n11010519491231002X\n")', ["11010519491231002X"]),
        (r'"a\nzhangsan@example.com"', ["zhangsan@example.com"]),
        ("callback?d=%7B%22phone%22%3A%2213800138000%22%7D", ["13800138000"]),
        ("mobile%3A13800138000&id%3D11010519491231002X%26x", ["13800138000", "11010519491231002X"]),
        (
            r'{"phone": "138\u200b0013\u200b8000"} 138&#8203;0013&#8203;8000',
            [r"138\u200b0013\u200b8000", "138&#8203;0013&#8203;8000"],
        ),
    ],
)
def test_escapes_beside_values_hide_none(text: str, values: list[str]) -> None:
    (found,) = EscapeReader(RulesEngine()).detect([text])
    assert [found.value(entity) for entity in found.entities] == values


def test_a_name_with_an_unseen_character_is_found() -> None:
    (found,) = ENGINE.detect([f"{NAME[0]}\u200b{NAME[1:]}\u200b来了"])
    assert [found.value(entity) for entity in found.entities] == [f"{NAME[0]}\u200b{NAME[1:]}"]
