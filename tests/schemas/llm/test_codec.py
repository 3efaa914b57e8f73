"""The answer codec: exact JSON out, nothing but that JSON in."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.errors import RecordError, SpanError
from schemas.json_schema import answer_schema
from schemas.llm.codec import Mention, answer_parts, close_answer, decode_answer, encode_answer
from schemas.spans.entity import Entity, Example
from schemas.taxonomy import EntityType
from tests.strategies import examples

NAME, PASSWORD = EntityType.PERSON_NAME, EntityType.PASSWORD
PRIVATE = "王小明"

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["EMAIL", "URL"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["entities", "type", "value", "start"]), inner, max_size=3)
    ),
)


def test_a_sample_is_written_compactly_in_reading_order() -> None:
    text = "我叫张三，密码张三。"
    answer = encode_answer(text, [Entity(7, 9, PASSWORD), Entity(2, 4, NAME)])
    assert answer == '{"entities":[{"type":"PERSON_NAME","value":"张三"},{"type":"PASSWORD","value":"张三"}]}'
    assert encode_answer(text, []) == '{"entities":[]}'


def test_escapes() -> None:
    text = '"\\/\b\t\n\f\r\x00\x1f\x7f\u2028é😀'
    answer = encode_answer(text, [Entity(0, len(text), PASSWORD)])
    value = r"\"\\/\b\t\n\f\r\u0000\u001f" + "\x7f\u2028é😀"
    assert answer == '{"entities":[{"type":"PASSWORD","value":"' + value + '"}]}'


@given(examples())
def test_decoding_gives_types_and_values_back(example: Example) -> None:
    text = example.document.text
    answer = encode_answer(text, example.entities)
    Draft202012Validator(answer_schema()).validate(json.loads(answer))
    assert decode_answer(answer) == [Mention(item.type, text[item.start : item.end]) for item in example.entities]


@pytest.mark.parametrize("entities", [[Entity(0, 2, NAME), Entity(1, 3, NAME)], [Entity(2, 9, NAME)]])
def test_overlapping_entities_and_entities_outside_the_text_are_refused(entities: list[Entity]) -> None:
    with pytest.raises(SpanError):
        encode_answer("abc", entities)


def item(**fields: object) -> str:
    return json.dumps({"entities": [{"type": "EMAIL", "value": "a@b.cn"}, fields]}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ("", "JSON"),
        (PRIVATE, "JSON"),
        ('{"entities":[{"type":"PERSON_NAME","value":"王小明"', "JSON"),
        ('{"entities":[]}，王小明', "JSON"),
        ("[" * 100_000, "JSON"),
        ("9" * 5000, "JSON"),
        ('{"entities":[],"entities":[]}', "repeated"),
        ('{"entities":[{"type":"EMAIL","value":"王小明","value":"b"}]}', "repeated"),
        ("[]", "answer: not an object"),
        ("{}", "answer: missing entities"),
        ('{"entities":[],"王小明":1}', "answer: has other keys"),
        ('{"entities":{}}', "entities: not a list"),
        ('{"entities":["王小明"]}', r"entities\[0\]: not an object"),
        (item(type="PERSON_NAME"), r"entities\[1\]: missing value"),
        (item(value=PRIVATE), r"entities\[1\]: missing type"),
        (item(type="PERSON_NAME", value=PRIVATE, start=1), r"entities\[1\]: has other keys"),
        (item(type=PRIVATE, value=PRIVATE), r"entities\[1\]\.type: no entity type"),
        (item(type="email", value=PRIVATE), r"entities\[1\]\.type: no entity type"),
        (item(type=["EMAIL"], value=PRIVATE), r"entities\[1\]\.type: not a string"),
        (item(type="EMAIL", value=None), r"entities\[1\]\.value: not a string"),
        (item(type="EMAIL", value=138), r"entities\[1\]\.value: not a string"),
        (item(type="EMAIL", value=""), r"entities\[1\]: .*empty"),
        ('{"entities":[{"type":"EMAIL","value":"王小明\\ud800"}]}', r"entities\[0\]: .*surrogate"),
    ],
)
def test_anything_else_is_refused_without_quoting_it(answer: str, field: str) -> None:
    with pytest.raises(RecordError, match=field) as raised:
        decode_answer(answer)
    assert PRIVATE not in str(raised.value)
    assert raised.value.__suppress_context__ or raised.value.__context__ is None


@given(JSON_VALUES)
def test_decoding_accepts_exactly_what_the_schema_accepts(value: object) -> None:
    answer = json.dumps(value)
    if Draft202012Validator(answer_schema()).is_valid(value):
        decode_answer(answer)
    else:
        with pytest.raises(RecordError):
            decode_answer(answer)


def test_the_value_stays_out_of_repr() -> None:
    assert repr(Mention(NAME, PRIVATE)) == f"Mention(type={NAME!r})"


@pytest.mark.parametrize("value", ["", "\ud83d"])
def test_a_mention_needs_a_value(value: str) -> None:
    with pytest.raises(RecordError):
        Mention(NAME, value)


@given(examples())
def test_parts_are_the_types_the_values_and_the_decisions(example: Example) -> None:
    text = example.document.text
    answer = encode_answer(text, example.entities)
    parts = list(answer_parts(answer))
    named = [answer[part.start : part.end] for part in parts if not part.decision]
    assert named[::2] == [str(entity.type) for entity in example.entities]
    assert [json.loads(f'"{value}"') for value in named[1::2]] == [text[e.start : e.end] for e in example.entities]
    decisions = [answer[part.start : part.end] for part in parts if part.decision]
    more = ['":[{', *['"},'] * (len(example.entities) - 1), '"}]'] if example.entities else ['":[]']
    assert decisions == more
    assert all(left.end <= right.start for left, right in pairwise(parts))


@given(examples(), st.data())
def test_a_cut_off_answer_closes_after_its_last_whole_item(example: Example, data: st.DataObject) -> None:
    answer = encode_answer(example.document.text, example.entities)
    cut = data.draw(st.integers(0, len(answer)))
    closed = close_answer(answer[:cut])
    whole = decode_answer(answer)
    assert decode_answer(closed) == whole[: len(decode_answer(closed))]
    assert close_answer(answer) == answer
    items = sum(part.end <= cut + 1 for part in answer_parts(answer) if part.decision) - 1
    assert len(decode_answer(closed)) == max(items, 0)


@pytest.mark.parametrize("answer", ["", "{}", '{"entities":[', '{"entities":[{"type":"EMAIL"}]}', '{"entities":[]} '])
def test_parts_of_anything_else_are_refused(answer: str) -> None:
    with pytest.raises(RecordError, match="does not follow the codec"):
        list(answer_parts(answer))
