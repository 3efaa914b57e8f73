"""JSON goes out with stand-ins and comes back as it was."""

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.rules.engine import RulesEngine
from serving.redaction import OperatorName, RedactionSession
from serving.redaction.json_values import redact_json, restore_json
from tests.finding import behind_names

KINDS = {
    "张三": T.PERSON_NAME,
    "李四": T.PERSON_NAME,
    "(?<![0-9])138[0-9]{8}": T.PHONE_NUMBER,
    r"(?<![a-z])[a-z]@b\.cn": T.EMAIL,
}


def detect(texts: Sequence[str]) -> list[Prediction]:
    found = []
    for text in texts:
        marks = sorted(
            Entity(*match.span(), kind) for pattern, kind in KINDS.items() for match in re.finditer(pattern, text)
        )
        found.append(Prediction(text, tuple(Detection(entity, 1.0, "rule") for entity in marks)))
    return found


find = behind_names(detect)


def there_and_back(text: str, style: Any = "pseudonym") -> str:
    session = RedactionSession(style)
    redacted = redact_json(text, find, session)
    json.loads(redacted)
    for value in ("张三", "李四", "13800138000"):
        assert style == "surrogate" or value not in redacted.replace("\\u5f20\\u4e09", "张三")
    restored, unrestored = restore_json(redacted, session.replacement_map)
    assert unrestored == 0 or restored == text
    return restored


def test_strings_and_numbers_are_replaced_and_names_of_fields_are_not() -> None:
    text = '{ "张三": ["张三", 13800138000, 5.0, null],\n "arguments": "{\\"to\\": \\"李四\\", \\"n\\": 13800138000}" }'
    session = RedactionSession()
    redacted = redact_json(text, find, session)
    assert redacted == (
        '{ "张三": ["[PERSON_NAME_1]", "[PHONE_NUMBER_1]", 5.0, null],\n'
        ' "arguments": "{\\"to\\": \\"[PERSON_NAME_2]\\", \\"n\\": \\"[PHONE_NUMBER_1]\\"}" }'
    )
    assert restore_json(redacted, session.replacement_map) == (text, 0)


def test_a_number_and_a_string_like_it_come_back_as_what_they_were() -> None:
    text = '["13800138000", 13800138000, "打13800138000"]'
    session = RedactionSession()
    redacted = redact_json(text, find, session)
    assert [type(value) for value in json.loads(redacted)] == [str, str, str]
    assert restore_json(redacted, session.replacement_map)[0] == text
    assert session.restore(redacted).text == text.replace("13800138000,", '"13800138000",')  # as a plain text


def test_a_surrogate_of_a_number_is_a_number() -> None:
    session = RedactionSession("surrogate")
    redacted = redact_json('{"phone": 13800138000}', find, session)
    (made_up,) = json.loads(redacted).values()
    assert isinstance(made_up, int) and made_up != 13800138000 and len(str(made_up)) == 11
    assert restore_json(redacted, session.replacement_map) == ('{"phone": 13800138000}', 0)


@pytest.mark.parametrize("number", ["1.38e10", "13800000000.0"])
def test_a_number_that_is_not_digits_alone_has_a_label(number: str) -> None:
    session = RedactionSession("surrogate")
    redacted = redact_json(f'{{"phone": {number}}}', find, session)
    assert redacted == '{"phone": "[PHONE_NUMBER_1]"}'
    assert restore_json(redacted, session.replacement_map) == (f'{{"phone": {number}}}', 0)


def test_what_a_model_answers_is_escaped_for_where_it_stands() -> None:
    session = RedactionSession()
    session.redact('"\n', [Entity(0, 2, T.PASSWORD)])
    answer = '{"tool": "{\\"pass\\": \\"[PASSWORD_1]\\"}", "say": "用[PASSWORD_1]和[EMAIL_7]"}'
    restored, unrestored = restore_json(answer, session.replacement_map)
    assert unrestored == 1
    assert json.loads(json.loads(restored)["tool"]) == {"pass": '"\n'}
    assert json.loads(restored)["say"] == '用"\n和[EMAIL_7]'


def test_the_name_of_a_field_is_read_with_its_value() -> None:
    asked: list[str] = []

    def noted(texts: Sequence[str]) -> list[Prediction]:
        asked.extend(texts)
        return detect(texts)

    long = "长" * 101
    document = {"phone": 1.38e10, "to": ["a"], "text": long, "b": {"c": "d\ne"}}
    redact_json(json.dumps(document), behind_names(noted), RedactionSession())
    assert asked == ["phone: 13800000000", "to: a", long, "d\ne", "a"]


@pytest.mark.parametrize("style", ["pseudonym", "surrogate", "mask", "label"])
def test_a_value_that_the_name_of_the_field_reaches_into_is_cut(style: Any) -> None:
    def greedy(texts: Sequence[str]) -> list[Prediction]:
        return [Prediction(text, (Detection(Entity(0, len(text), T.USERNAME), 1.0, "model"),)) for text in texts]

    redacted = redact_json('{"user": "zoe_77"}', behind_names(greedy), RedactionSession(style))
    assert "zoe_77" not in redacted and list(json.loads(redacted)) == ["user"]


OTHERS = ["[PERSON_NAME_1]", "PERSON_NAME_2", "[PHONE_NUMBER_1]", "x", '"', "\\", "\n", "\u2028", "é"]
words = st.sampled_from(["张三", "李四", "13800138000", "a@b.cn", *OTHERS])
strings = st.lists(words, max_size=5).map("".join)
numbers = st.sampled_from([0, 1, 13800138000, 13812345678, 1.5, -2, 1.38e10, 13800138000.0])
documents = st.recursive(
    st.none() | st.booleans() | numbers | strings,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(strings, inner, max_size=4)
        | inner.map(lambda value: json.dumps(value, ensure_ascii=False))
    ),
    max_leaves=10,
)


@given(documents, st.sampled_from(["pseudonym", "surrogate"]), st.sampled_from([None, 2]))
@settings(max_examples=1500, deadline=None)
def test_documents_come_back_byte_for_byte(document: Any, style: str, indent: int | None) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    session = RedactionSession(style)
    redacted = redact_json(text, find, session)
    json.loads(redacted)
    assert restore_json(redacted, session.replacement_map)[0] == text


def test_documents_in_ascii_come_back_as_json() -> None:
    text = json.dumps({"name": "张三", "text": "你好，李四"})
    session = RedactionSession()
    restored, _ = restore_json(redact_json(text, find, session), session.replacement_map)
    assert json.loads(restored) == json.loads(text)
    assert restored == text  # what is left in ASCII tells how to write the rest


@pytest.mark.parametrize("text", ['["[\\"138\\t0013\\t8000\\"]"]', '"{\\"a\\": \\"1\\n\\"}"'])
def test_a_string_that_is_json_only_without_its_values_comes_back(text: str) -> None:
    def tabs(texts: Sequence[str]) -> list[Prediction]:
        found = [re.search(r"[0-9\t]{5,}|1\n", one) for one in texts]
        return [
            Prediction(one, (Detection(Entity(*match.span(), T.PHONE_NUMBER), 1.0, "rule"),) if match else ())
            for one, match in zip(texts, found, strict=True)
        ]

    session = RedactionSession()
    redacted = redact_json(text, behind_names(tabs), session)
    assert redacted != text
    assert restore_json(redacted, session.replacement_map)[0] == text


def test_values_that_begin_with_the_mark_of_numbers_come_back() -> None:
    session = RedactionSession()
    text = "x \ue0001234567 y"
    redacted = session.redact(text, [Entity(2, 10, T.MEMBER_ID)])
    assert session.restore(redacted.text).text == text
    assert not any(found.is_number for found in session.replacement_map.find(redacted.text))


def test_a_long_name_is_not_read() -> None:
    asked: list[str] = []

    def noted(texts: Sequence[str]) -> list[Prediction]:
        asked.extend(texts)
        return detect(texts)

    redact_json(json.dumps({"k" * 41: [1, 2]}), behind_names(noted), RedactionSession())
    assert asked == ["1", "2"]


@pytest.mark.parametrize("operator", ["hash", "keyed"])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_all_ways_to_write_a_number_have_the_code_of_its_value(operator: OperatorName, first: int) -> None:
    """Whichever of them comes first, under a hash and under a keyed code."""
    texts = ['{"phone":13800138000}', '{"phone":13800138000.0}', '{"phone":"138-0013-8000"}']
    session = RedactionSession(operator, hash_key=b"key")
    codes = set()
    for text in [*texts[first:], *texts[:first]]:
        redacted = redact_json(text, behind_names(RulesEngine().detect), session)
        codes |= set(re.findall("PHONE_NUMBER_([0-9a-z]+)", redacted))
        assert restore_json(redacted, session.replacement_map)[0] == text
    assert len(codes) == 1 and not codes & set("123")


@pytest.mark.parametrize("written", ["13800138000.0", "1.3800138e10", " 13800138000.0", "1.3800138E+010"])
def test_numbers_in_strings_are_read_as_the_whole_numbers_that_they_are(written: str) -> None:
    session = RedactionSession("pseudonym")
    redacted = redact_json(json.dumps([written]), behind_names(RulesEngine().detect), session)
    assert redacted == '["[PHONE_NUMBER_1]"]'
    assert restore_json(redacted, session.replacement_map)[0] == json.dumps([written])
