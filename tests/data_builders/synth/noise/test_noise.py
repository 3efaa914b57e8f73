import ipaddress
import random
import re
import unicodedata
from collections.abc import Callable

import pytest
from stdnum import iban, imei, luhn
from stdnum.cn import ric, uscc

from data_builders.splits import Split
from data_builders.synth.cast import Cast
from data_builders.synth.fill import fill
from data_builders.synth.noise import kinds as noise
from data_builders.synth.noise.script import STANDARDS, BothScripts
from data_builders.synth.registers import register_of
from data_builders.synth.sampling import Partition
from data_builders.synth.segment import Segment, assemble
from data_builders.synth.template import templates_of
from data_builders.synth.values.slots import SLOTS
from schemas.taxonomy import EntityType as T

TEXTS = 3000
TRAIN = Partition(Split.TRAIN)
IN_VALUES = {"spaces", "break", "case", noise.TRADITIONAL}


def compact(value: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", value) if char.isalnum()).upper()


def is_card(value: str) -> bool:
    return bool(luhn.is_valid(compact(value)))


def is_id(value: str) -> bool:
    number = compact(value)
    return len(number) != 18 or bool(ric.calc_check_digit(number[:-1]) == number[-1])


def is_email(value: str) -> bool:
    return re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", unicodedata.normalize("NFKC", value)) is not None


def is_ip(value: str) -> bool:
    return bool(ipaddress.ip_address(unicodedata.normalize("NFKC", value)))


CHECKS: dict[T, Callable[[str], bool]] = {
    T.BANK_CARD_NUMBER: is_card,
    T.ID_CARD_NUMBER: is_id,
    T.IP_ADDRESS: is_ip,
    T.MAC_ADDRESS: lambda value: re.fullmatch("[0-9A-F]{12}", compact(value)) is not None,
    T.EMAIL: is_email,
    T.PHONE_NUMBER: lambda value: compact(value).isdigit() and len(compact(value)) >= 8,
    T.TAX_NUMBER: lambda value: len(compact(value)) == 15 or uscc.is_valid(compact(value)),
    T.BANK_ACCOUNT_NUMBER: lambda value: compact(value).isdigit() or iban.is_valid(compact(value)),
    T.DEVICE_ID: lambda value: not re.fullmatch("[0-9]{15}", compact(value)) or imei.is_valid(compact(value)),
    T.VEHICLE_VIN: lambda value: len(compact(value)) == 17,
    T.POSTAL_CODE: lambda value: re.fullmatch("[0-9]{6}", compact(value)) is not None,
}


def noised(kind: str, seed: int) -> tuple[list[Segment], list[Segment], str]:
    """Segments of a random text before and after noise, and the kind that came about."""
    rng = random.Random(seed)
    templates = [t for t in templates_of(TRAIN) if kind in noise.KINDS_OF[register_of(t.family)]]
    traditional = kind == noise.TRADITIONAL
    cast = Cast(rng, BothScripts(Split.TRAIN, rng.choice(STANDARDS)) if traditional else TRAIN)
    draft = fill(rng.choice(templates), cast)
    if isinstance(cast.partition, BothScripts):
        return draft.segments, cast.partition.convert(draft.segments), kind
    after, made = noise.apply(kind, draft.segments, draft.family, rng)
    return draft.segments, after, made


@pytest.fixture(scope="module")
def texts() -> list[tuple[list[Segment], list[Segment], str]]:
    return [noised(noise.KINDS[seed % len(noise.KINDS)], seed) for seed in range(TEXTS)]


Texts = list[tuple[list[Segment], list[Segment], str]]


def test_entities_are_clean_and_valid_under_every_kind(texts: Texts) -> None:
    assert {kind for before, after, kind in texts if before != after} == set(noise.KINDS)
    for _, after, kind in texts:
        text, entities = assemble(after)
        for entity in entities:
            value = text[entity.start : entity.end]
            assert value
            assert value == value.strip(), (kind, entity.type)
            assert CHECKS.get(entity.type, bool)(value), (kind, entity.type)


def test_values_stay_and_keep_their_types(texts: Texts) -> None:
    for before, after, kind in texts:
        old, new = ([s for s in segments if s.slot] for segments in (before, after))
        assert [s.slot for s in old] == [s.slot for s in new]
        if kind not in IN_VALUES:
            assert old == new
        elif kind != noise.TRADITIONAL:
            assert [compact(s.text) for s in old] == [compact(s.text) for s in new]


def test_noised_personal_values_belong_to_the_split(texts: Texts) -> None:
    for _, after, kind in texts:
        for segment in after:
            if segment.slot and SLOTS[segment.slot].personal:
                assert TRAIN.admits(segment.text), (kind, segment.slot)


def test_values_do_not_run_together(texts: Texts) -> None:
    """Noise never takes away all that stands between two values."""
    for before, after, kind in texts:
        gaps = [[bool(b.slot) for b in segments if b.text] for segments in (before, after)]
        assert gaps[0] == gaps[1] or kind == "emoji"


def test_spaces_in_names_and_numbers() -> None:
    segments = [Segment("张三", "name"), Segment("，"), Segment("13800138000", "phone")]
    forms = {assemble(noise.EDITS["spaces"](segments, random.Random(seed)))[0] for seed in range(60)}
    assert {"张 三", "张　三", "张  三"} <= {form.split("，")[0] for form in forms}
    assert {"138 0013 8000", "138 001 38000"} <= {form.split("，")[1] for form in forms}


def test_break_wraps_one_value_only() -> None:
    address, card = "北京市朝阳区建国路88号院3号楼", "6222 0200 1122 3344"
    for seed in range(60):
        edited = noise.EDITS["break"]([Segment(address, "address"), Segment(card, "bank_card")], random.Random(seed))
        assert sum(segment.text.count("\n") for segment in edited) == 1
        assert not re.search(r"\d\n\d", edited[0].text)
        assert compact(edited[1].text) == compact(card)


def test_punctuation_that_alone_divides_values_becomes_a_blank() -> None:
    segments = [Segment("13800138000", "phone"), Segment("，"), Segment("张三", "name"), Segment("说好，走")]
    forms = {assemble(noise.EDITS["punctuation"](segments, random.Random(seed)))[0] for seed in range(20)}
    assert forms == {"13800138000,张三说好,走", "13800138000 张三说好走"}


def test_carriers_with_syntax_stay() -> None:
    segments = [Segment('{"姓名": "'), Segment("张三", "name"), Segment('"}')]
    for kind in noise.EDITS:
        assert noise.apply(kind, segments, "form", random.Random(0)) == (segments, noise.NONE)


@pytest.mark.parametrize("family", ["json", "log", "table", "markup", "trace", "toolcall"])
def test_machine_readable_families_are_at_most_converted(family: str) -> None:
    kinds = {noise.draw_kind(family, random.Random(seed)) for seed in range(300)}
    assert kinds == {noise.NONE, noise.TRADITIONAL}


def test_traditional_text_keeps_surnames_that_do_not_change() -> None:
    segments = [Segment("干净的面条，"), Segment("余国强", "surname"), Segment("后来")]
    converted = BothScripts(Split.TRAIN, "s2tw").convert(segments)
    assert [segment.text for segment in converted] == ["乾淨的麵條，", "余國強", "後來"]


def test_conversion_is_skipped_when_a_value_would_leave_the_split() -> None:
    names = "张国强 刘丽华 陈东风 杨卫红 黄乐乐 赵云龙 孙飞鹏 马万里 郑义军 谢凤兰 邓亚军 冯书涵".split()
    partition = BothScripts(Split.TRAIN, "s2t")
    outside = [name for name in names if TRAIN.admits(name) and not partition.admits(name)]
    assert outside
    segments = [Segment("我是"), Segment(outside[0], "name")]
    assert partition.convert(segments) == segments
