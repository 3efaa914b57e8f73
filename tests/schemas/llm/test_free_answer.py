"""Answers that nothing constrains are read as far as they are JSON, and every fault is counted."""

import json

import pytest

from schemas.llm.free_answer import FreeAnswer, read_free_answer
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T

TEXT = "张三的邮箱a@b.com，手机13800138000，住北京市朝阳区建国路88号。"
ITEM = '{"type":"PERSON_NAME","value":"张三"}'


@pytest.mark.parametrize(
    ("answer", "names", "faults"),
    [
        (f'{{"entities":[{ITEM}]}}', 1, (True, 1, 0, 0, 0)),
        (f'```json\n{{"entities": [{ITEM}]}}\n```', 1, (True, 1, 0, 0, 0)),
        (f'<think>\n嗯\n</think>\n\n{{"entities":[{ITEM}]}}', 1, (True, 1, 0, 0, 0)),
        (f'{{"entities":[{ITEM},{ITEM}]}}', 1, (True, 2, 1, 0, 0)),
        ('{"entities":[{"type":"EMAIL","value":"a@b.com"},{"type":"NAME","value":"张三"}]}', 0, (True, 2, 0, 2, 1)),
        (f'{{"entities":[{ITEM.lower()}]}}', 1, (True, 1, 0, 0, 0)),
        (f'{{"entities":[{ITEM}],"entities":[]}}', 0, (False, 0, 0, 0, 0)),
        ('{"entities":[{"type":"PERSON_NAME","value":""}]}', 0, (True, 1, 1, 0, 0)),
        ('{"entities":{}}', 0, (False, 0, 0, 0, 0)),
        ('{"entities":[]}', 0, (True, 0, 0, 0, 0)),
        ('{"entities":[{"type":"PERSON_NAME"}]}', 0, (False, 0, 0, 0, 0)),
        ('{"entities":[{"type":"PERSON_NAME","value":1}]}', 0, (False, 0, 0, 0, 0)),
        ("[]", 0, (False, 0, 0, 0, 0)),
        ("好的，结果如下", 0, (False, 0, 0, 0, 0)),
        ("[" * 100_000, 0, (False, 0, 0, 0, 0)),
    ],
)
def test_answers_are_read_as_far_as_they_are_valid(
    answer: str, names: int, faults: tuple[bool, int, int, int, int]
) -> None:
    entities = (Entity(0, 2, T.PERSON_NAME),) * names
    assert read_free_answer(TEXT, answer, [T.PERSON_NAME, T.PHONE_NUMBER]) == FreeAnswer(entities, *faults)


def test_a_value_without_its_separators_is_found() -> None:
    text = "打138-0013 8000或（010）12345678"
    answer = (
        '{"entities":[{"type":"PHONE_NUMBER","value":"13800138000"},{"type":"PHONE_NUMBER","value":"010-12345678"}]}'
    )
    found = read_free_answer(text, answer, [T.PHONE_NUMBER])
    assert [text[entity.start : entity.end] for entity in found.entities] == ["138-0013 8000", "010）12345678"]
    assert found.invented == 0


@pytest.mark.parametrize(
    ("text", "kind", "value", "written"),
    [
        ("电话１３８００１３８０００", T.PHONE_NUMBER, "13800138000", "１３８００１３８０００"),
        ("姓名 张 三", T.PERSON_NAME, "张三", "张 三"),
        ("name: LI LEI", T.PERSON_NAME, "Li Lei", "LI LEI"),
        ("delirium", T.PERSON_NAME, "Li", ""),
    ],
)
def test_a_value_in_another_spelling_is_found(text: str, kind: T, value: str, written: str) -> None:
    answer = json.dumps({"entities": [{"type": kind, "value": value}]})
    found = read_free_answer(text, answer, [kind])
    assert [text[entity.start : entity.end] for entity in found.entities] == ([written] if written else [])
