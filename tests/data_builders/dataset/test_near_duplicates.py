"""Near-duplicates, against counting."""

import random

import pytest

from data_builders.dataset.near_duplicates import NearDuplicates


def brute_force(left: str, right: str) -> float:
    """The Jaccard similarity of the 5-character shingles, by definition."""
    first, second = ({text[i : i + 5] for i in range(len(text) - 4)} for text in (left, right))
    return len(first & second) / len(first | second)


@pytest.mark.parametrize("similarity", [0.85, 0.9, 1.0])
def test_near_duplicates_are_those_that_counting_finds(similarity: float) -> None:
    rng = random.Random(4)
    index, missed, found = NearDuplicates(similarity), 0, 0
    for number in range(150):
        text = "".join(rng.choices("天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏闰余成岁律吕调阳", k=120))
        changed = list(text)
        for place in rng.sample(range(120), rng.randrange(4)):
            changed[place] = "变"
        index.add(str(number), text)
        resembles = brute_force(text, "".join(changed)) >= similarity
        answer = index.find("".join(changed))
        assert answer in (None, str(number))
        assert resembles or answer is None
        found += resembles
        missed += resembles and answer is None
    assert found > 30
    assert missed <= 0.02 * found


def test_case_width_and_spaces_make_no_difference() -> None:
    index = NearDuplicates(1.0)
    index.add("a", "Please call ＡＢＣ on Monday")
    assert index.find("please  CALL abc on\nmonday ") == "a"
    assert index.find("please call abd on monday") is None
