"""Slices of a row."""

from dataclasses import replace

from data_builders.dataset.slices import KEYS, slices
from schemas.spans.entity import Document, Entity, Example
from schemas.taxonomy import EntityType as T

TEXT = "联系人王小明，电话13800138000。"
ENTITIES = (Entity(3, 6, T.PERSON_NAME), Entity(9, 20, T.PHONE_NUMBER))


def example(text: str = TEXT, entities: tuple[Entity, ...] = ENTITIES, source: str = "synthetic") -> Example:
    return Example(Document(text[:5], text), entities, source)


def test_slices_name_length_and_cue() -> None:
    found = slices(replace(example(), slices={"template": "chat-1", "noise": "typo"}))
    assert found == {"length": "21-50", "cue": "all", "noise": "typo", "template": "chat-1"}
    assert tuple(found) == KEYS
    assert slices(example("王小明", (Entity(0, 3, T.PERSON_NAME),)))["cue"] == "none"
    assert slices(example("你好", ()))["cue"] == "no value"
    assert slices(example("字" * 501, ()))["length"] == "over 500"
