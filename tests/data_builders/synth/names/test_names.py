import random
from collections import Counter

from data_builders.splits import Split
from data_builders.synth.cast import Cast
from data_builders.synth.names import chinese, given, latin
from data_builders.synth.sampling import Partition
from data_builders.synth.word_lists import words


def drawn(size: int) -> list[str]:
    rng = random.Random(0)
    return [chinese.chinese_name(rng).full for _ in range(size)]


def test_names_are_varied() -> None:
    sample = drawn(3000)
    assert len(set(sample)) > 2500
    assert {len(name) for name in sample} >= {2, 3, 4}
    assert Counter("·" in name for name in sample)[True] > 50


def test_every_kind_of_name_is_drawn() -> None:
    sample = set(drawn(20_000))
    for listed in ("word_names", "place_people", "mongolian", "foreign_given"):
        assert sample & set(words(listed)), listed
    assert any(name[1:] in words("given_words") for name in sample)
    assert any(name.isascii() for name in sample)
    assert any(name.startswith(clan) for clan in words("yi_clans") for name in sample)
    assert any(name.startswith(family) and len(name) == 4 for family in words("japanese_surnames") for name in sample)


def test_family_and_given_name_make_the_full_name() -> None:
    rng = random.Random(1)
    for _ in range(2000):
        name = chinese.chinese_name(rng)
        assert not name.family or name.family + name.given == name.full
        assert name.given in name.full


def test_common_characters_are_drawn_more_often_than_rare_ones() -> None:
    rng = random.Random(2)
    counts = Counter(given.given_character(rng) for _ in range(20_000))
    common, rare = (sum(counts[char] for char in set(tier)) for tier in (given.COMMON, given.RARE))
    assert common > 0.6 * 20_000
    assert 0 < rare < 0.1 * 20_000


def test_tiers_of_characters_do_not_overlap() -> None:
    common, usual, rare = map(set, (given.COMMON, given.USUAL, given.RARE))
    assert not common & usual
    assert not common & rare
    assert not usual & rare


def test_latin_forms() -> None:
    rng = random.Random(3)
    forms = [latin.pinyin_name(rng) for _ in range(300)] + [latin.romanised_name(rng) for _ in range(300)]
    assert any(form.islower() and " " not in form for form in forms)
    assert any(form.split()[0].isupper() and len(form.split()[0]) > 1 for form in forms)
    assert any(len(form.split()) == 3 for form in forms)


def test_short_forms_follow_only_an_introduction() -> None:
    first, later = Counter[str](), Counter[str]()
    for seed in range(300):
        cast = Cast(random.Random(seed), Partition(Split.TRAIN))
        name = cast.person(1).name
        first["".join(segment.text for segment in cast.mention(1, "昨天", "chat"))] += 1
        cast.pass_on()
        said = cast.mention(1, "昨天", "chat")
        kind = "+".join(segment.slot for segment in said)
        later[kind if said[0].text != name.full else "full"] += 1
        assert said[0].text in (name.full, name.family, name.given, f"小{name.family}", f"老{name.family}")
        assert cast.mention(1, "姓名：", "form")[0].text == name.full
    assert first.total() == len(first) or max(first.values()) < 3
    assert set(later) == {"full", "surname+title", "given", "name"}


def test_given_name_alone_after_a_relative() -> None:
    alone = 0
    for seed in range(200):
        cast = Cast(random.Random(seed), Partition(Split.TRAIN))
        said = cast.mention(1, "这是我女儿", "chat")
        alone += said[0].slot == "given"
        assert said[0].text in (cast.person(1).name.full, cast.person(1).name.given)
    assert 15 < alone < 90
