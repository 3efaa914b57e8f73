import itertools
import json
import random
import subprocess
import sys
import unicodedata

import pytest

from data_builders.splits import Split
from data_builders.synth.generate import generate, render
from data_builders.synth.sampling import Partition, widen
from data_builders.synth.template import Template, load_templates, templates_of
from data_builders.synth.values import places
from data_builders.synth.values.slots import NEAR_MISSES, SLOTS
from schemas.formats.geography import POSTAL_PREFIX
from schemas.formats.phone import AREA_CODES
from schemas.spans.entity import Example
from schemas.spans.record import to_record
from schemas.taxonomy import ALL_TYPES

SIZE = 1500


@pytest.fixture(scope="module")
def corpus() -> dict[Split, list[Example]]:
    return {split: list(generate(split, SIZE, seed=5)) for split in Split}


def personal_values(examples: list[Example]) -> set[str]:
    personal = {slot.type for slot in SLOTS.values() if slot.personal}
    return {
        "".join(char for char in unicodedata.normalize("NFKC", value).casefold() if char.isalnum())
        for example in examples
        for entity in example.entities
        if entity.type in personal and len(value := example.document.text[entity.start : entity.end]) > 2
    }


def test_library_of_templates_is_broad() -> None:
    templates = load_templates()
    assert len(templates) >= 150
    assert len({template.family for template in templates}) >= 8
    assert len({template.source for template in templates}) == len(templates)


def test_every_type_is_generated_in_train_and_test(corpus: dict[Split, list[Example]]) -> None:
    for split in (Split.TRAIN, Split.TEST):
        found = {entity.type for example in corpus[split] for entity in example.entities}
        assert found == set(ALL_TYPES)


def test_splits_share_no_template_and_no_line_of_a_part(corpus: dict[Split, list[Example]]) -> None:
    sources = [{template.source for template in templates_of(Partition(split))} for split in Split]
    assert all(sources)
    assert sum(map(len, sources)) == len(set.union(*sources))
    used = [{id for example in corpus[split] for id in example.slices["template"].split("+")} for split in Split]
    assert all(any(id.startswith("parts/") for id in ids) for ids in used)
    assert sum(map(len, used)) == len(set.union(*used))


def test_splits_share_no_personal_value(corpus: dict[Split, list[Example]]) -> None:
    train, validation, test = (personal_values(corpus[split]) for split in Split)
    assert min(len(train), len(validation), len(test)) > SIZE
    assert not train & test
    assert not train & validation
    assert not validation & test


def test_surface_forms_of_one_value_fall_into_one_split() -> None:
    for split in Split:
        partition = Partition(split)
        forms = ["13800138000", "138 0013 8000", "138-0013-8000", widen("13800138000")]
        assert len({partition.admits(form) for form in forms}) == 1


def test_same_seed_gives_same_bytes_under_any_hash_seed() -> None:
    code = (
        "import json; from data_builders.synth.generate import *; from schemas.spans.record import to_record;"
        "print(json.dumps([to_record(x) for x in generate(Split.TRAIN, 40, 3)]))"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("0", "1")
    }
    here = json.dumps([to_record(example) for example in generate(Split.TRAIN, 40, 3)])
    assert outputs == {here.encode() + b"\n"}


def test_seeds_differ() -> None:
    first, second = ([x.document.text for x in generate(Split.TRAIN, 20, seed)] for seed in (1, 2))
    assert first != second


def test_same_slot_gives_same_value_and_numbers_separate_people() -> None:
    example = render(Template("t", "chat", "{name}{phone}{name}{name2}"), Partition(Split.TRAIN), random.Random(1), "x")
    text = example.document.text
    first, _, again, other = (text[entity.start : entity.end] for entity in example.entities)
    assert first == again != other


def test_braces_that_are_no_slot_stay() -> None:
    template = Template("t", "json", r'{"a": {b}, "n": {name}}\n[[x|x]]')
    example = render(template, Partition(Split.TRAIN), random.Random(1), "x")
    entity = example.entities[0]
    assert example.document.text[: entity.start] == '{"a": {b}, "n": '
    assert example.document.text[entity.end :] == "}\nx"


def test_addresses_follow_the_official_divisions() -> None:
    for seed in range(100):
        home = places.home(random.Random(seed))
        codes = [division.code for division in home.divisions]
        assert all(child.startswith(parent.rstrip("0")) for parent, child in itertools.pairwise(codes))
        assert home.code in codes


def test_postal_and_area_codes_cover_every_mainland_province() -> None:
    children, _ = places._tables()
    provinces = {division.code[:2] for division in children[""] if children[division.code]}
    assert provinces <= set(POSTAL_PREFIX)
    assert provinces - {"81", "82"} <= set(AREA_CODES)


@pytest.mark.parametrize("slot", ["masked_phone", "masked_id", "masked_card", "masked_name"])
def test_masked_values_are_near_misses_and_no_entities(slot: str) -> None:
    template = Template("t", "chat", f"机主{{{slot}}}，已脱敏")
    for seed in range(50):
        assert render(template, Partition(Split.TRAIN), random.Random(seed), "x").entities == ()
    assert slot in NEAR_MISSES


def test_surname_belongs_to_the_name_of_the_same_person() -> None:
    template = Template("t", "chat", "{surname}，{name}")
    agree = 0
    for seed in range(100):
        example = render(template, Partition(Split.TRAIN), random.Random(seed), "x")
        surname, name = (example.document.text[entity.start : entity.end] for entity in example.entities)
        agree += name.startswith(surname)
    assert agree > 85


def test_widen() -> None:
    assert widen("A1-电") == "Ａ１－电"
