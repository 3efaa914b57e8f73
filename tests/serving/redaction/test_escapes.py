r"""Values that are written with escapes are redacted as what they stand for, and come back as they were written."""

import json

import pytest

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from serving.redaction import make_operator, redact, restore
from serving.redaction.operators import OPERATORS, OperatorName
from serving.redaction.replacement_map import ReplacementMap

NAME, KEY = "王小明", b"k" * 32
VALUES = (r"\u738b\u5c0f\u660e", NAME, "a.b%40example.com")
TEXT = f'{{"name": "{VALUES[0]}", "x": "{NAME}", "mail": "{VALUES[2]}"}}'
KINDS = (EntityType.PERSON_NAME, EntityType.PERSON_NAME, EntityType.EMAIL)
ENTITIES = [
    Entity(TEXT.index(value), TEXT.index(value) + len(value), kind) for value, kind in zip(VALUES, KINDS, strict=True)
]


@pytest.mark.parametrize("name", OPERATORS)
def test_stand_ins_are_those_of_the_plain_value(name: OperatorName) -> None:
    operator = make_operator(name, key=KEY)
    if not operator.unique:
        redacted = redact(TEXT, ENTITIES, operator).text
        first, second, third = json.loads(redacted).values()
        assert first == second == operator.stand_in(EntityType.PERSON_NAME, NAME, 0)
        assert third == operator.stand_in(EntityType.EMAIL, "a.b@example.com", 0)
        return
    replacement_map = ReplacementMap()
    redacted = redact(TEXT, ENTITIES, operator, replacement_map).text
    stand_ins = json.loads(redacted)
    assert not set(VALUES) & set(stand_ins.values())
    assert "\\" not in redacted and "%" not in redacted
    assert restore(redacted, replacement_map).text == TEXT


def test_both_spellings_are_one_person() -> None:
    replacement_map = ReplacementMap()
    stand_ins = json.loads(redact(TEXT, ENTITIES, make_operator("pseudonym"), replacement_map).text)
    assert (stand_ins["name"], stand_ins["x"]) == ("[PERSON_NAME_1]", "[PERSON_NAME_1_2]")
