import random
from pathlib import Path

import pytest

from data_builders.splits import Split
from data_builders.synth.generate import render
from data_builders.synth.sampling import Partition
from data_builders.synth.template import load_templates, templates_of
from schemas.errors import DataError

CLOSINGS = [f"再见{number}，{{name}}的电话[[是|：]]{{phone}}" for number in range(40)]


def library(root: Path, templates: list[str], **parts: list[str]) -> Path:
    for folder, files in (("templates", {"chat": templates}), ("parts", parts)):
        (root / folder).mkdir()
        for name, lines in files.items():
            (root / folder / f"{name}.txt").write_text("# comment\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return root


def test_a_part_stands_for_one_of_its_lines(tmp_path: Path) -> None:
    root = library(tmp_path, [f"你好{number}，<<closing>>" for number in range(20)], closing=CLOSINGS)
    for split in (Split.TRAIN, Split.TEST):
        partition = Partition(split)
        for seed, template in enumerate(templates_of(partition, root)):
            example = render(template, partition, random.Random(seed), "x")
            own, part = example.slices["template"].split("+")
            assert own == template.id
            source = CLOSINGS[int(part.removeprefix("parts/closing-")) - 1]
            assert partition.admits(source)
            assert source.split("，")[0] in example.document.text
            assert [entity.type for entity in example.entities] == ["PERSON_NAME", "PHONE_NUMBER"]


def test_slots_include_those_of_the_parts(tmp_path: Path) -> None:
    root = library(tmp_path, ["{city}<<closing>>", "{city}"], closing=CLOSINGS)
    first, second = load_templates(root)
    assert first.slots == {"city", "name", "phone"}
    assert second.slots == {"city"}


def test_one_part_may_stand_twice_and_within_alternatives(tmp_path: Path) -> None:
    root = library(tmp_path, ["[[<<closing>>|<<closing>>]]；<<closing>>"], closing=CLOSINGS)
    template = load_templates(root)[0]
    example = render(template, Partition(Split.TRAIN), random.Random(0), "x")
    assert len(example.slices["template"].split("+")) == 3
    assert "<<" not in example.document.text


def test_angle_brackets_that_name_no_part_stay(tmp_path: Path) -> None:
    template = load_templates(library(tmp_path, ["cat <<EOF >> a; x << y >> z"]))[0]
    text = render(template, Partition(Split.TRAIN), random.Random(0), "x").document.text
    assert text == "cat <<EOF >> a; x << y >> z"


def test_a_template_whose_part_has_no_line_for_the_split_is_left_out(tmp_path: Path) -> None:
    line = next(line for line in CLOSINGS if Partition(Split.TRAIN).admits(line))
    root = library(tmp_path, [f"你好{number}，<<closing>>" for number in range(40)], closing=[line])
    assert templates_of(Partition(Split.TRAIN), root)
    assert templates_of(Partition(Split.TEST), root) == ()


@pytest.mark.parametrize(
    ("template", "part", "message"),
    [
        ("你好<<greeting>>", "再见", r"templates/chat\.txt:3: no part 'greeting'"),
        ("你好<<closing>>", "再见<<closing>>", r"parts/closing\.txt:3: a part cannot hold another part"),
        ("你好\n你好", "再见", r"templates/chat\.txt:4: the same as line 3"),
    ],
)
def test_broken_libraries_name_file_and_line(tmp_path: Path, template: str, part: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_templates(library(tmp_path, [template], closing=[part]))


def test_the_library_of_the_package_is_loaded_once() -> None:
    assert load_templates() is load_templates()
