import random
import time

import pytest

from data_builders.splits import Split
from data_builders.synth.cast import Cast
from data_builders.synth.fill import compose
from data_builders.synth.generate import EMPTY_SHARE, LONG_SHARE, NEAR_MISS_SHARE, generate
from data_builders.synth.sampling import Partition
from data_builders.synth.template import Template, templates_of
from data_builders.synth.values.slots import NEAR_MISSES
from schemas.spans.entity import Example
from schemas.taxonomy import DEFAULT_TYPES
from schemas.taxonomy import EntityType as T

SIZE = 2000


@pytest.fixture(scope="module")
def corpus() -> list[Example]:
    return list(generate(Split.TRAIN, SIZE, seed=8))


def templates_in(example: Example) -> list[str]:
    return [id for id in example.slices["template"].split("+") if not id.startswith("parts/")]


def is_empty(example: Example) -> bool:
    return not any(entity.type in DEFAULT_TYPES for entity in example.entities)


def share(examples: list[Example], of: list[Example]) -> float:
    return len(examples) / len(of)


def test_share_of_texts_without_personal_data_and_of_near_misses(corpus: list[Example]) -> None:
    near = {template.id for template in templates_of(Partition(Split.TRAIN)) if template.slots & NEAR_MISSES}
    empty = [example for example in corpus if is_empty(example)]
    assert share(empty, corpus) == pytest.approx(EMPTY_SHARE, abs=0.04)
    missing = [example for example in empty if templates_in(example)[0] in near]
    assert share(missing, empty) == pytest.approx(NEAR_MISS_SHARE, abs=0.08)


def test_share_of_noise(corpus: list[Example]) -> None:
    noisy = [example for example in corpus if example.slices["noise"] != "none"]
    assert share(noisy, corpus) == pytest.approx(0.2, abs=0.04)
    assert len({example.slices["noise"] for example in noisy}) >= 6


def test_long_documents(corpus: list[Example]) -> None:
    long = [example for example in corpus if len(templates_in(example)) > 1]
    assert share(long, corpus) == pytest.approx(LONG_SHARE, abs=0.025)
    for example in long:
        assert 4 <= len(templates_in(example)) <= 15
        assert 430 <= len(example.document.text) <= 3100  # noise may take or add a little
    assert share([example for example in long if 5 <= len(example.entities) <= 20], long) > 0.3


def test_persons_keep_their_values_through_a_document() -> None:
    line = "{name}的身份证号是{id_card}，昨天{name}说他在办理业务的时候把证件落在了服务台，请大家帮忙留意一下并转告。"
    families = {"chat": [Template("chat-1", "chat", line * 2)]}
    cast = Cast(random.Random(4), Partition(Split.TRAIN))
    draft = compose(families, "chat", cast)
    assert draft is not None
    cards = [segment.text for segment in draft.segments if segment.slot == "id_card"]
    assert len(cards) >= 8
    assert len(set(cards)) <= 3
    assert "surname" in {segment.slot for segment in draft.segments}


def test_documents_of_the_wrong_length_are_refused() -> None:
    families = {"chat": [Template("chat-1", "chat", "{name}好")]}
    assert compose(families, "chat", Cast(random.Random(4), Partition(Split.TRAIN))) is None


def test_near_misses_limit_the_templates() -> None:
    by_id = {template.id: template for template in templates_of(Partition(Split.TEST))}
    for example in generate(Split.TEST, 200, 3, near_misses=True):
        assert all(by_id[id].slots & NEAR_MISSES for id in templates_in(example))


def test_entities_are_annotated_everywhere_in_a_document(corpus: list[Example]) -> None:
    """A name, card or e-mail that is an entity once is one wherever the same text says it."""
    checked = {T.ID_CARD_NUMBER, T.BANK_CARD_NUMBER, T.EMAIL, T.LICENSE_PLATE}
    for example in corpus:
        text = example.document.text
        values = [(text[entity.start : entity.end], entity.type) for entity in example.entities]
        for value in {value for value, kind in values if kind in checked}:
            assert text.count(value) <= sum(value in other for other, _ in values)


def test_twenty_thousand_texts_take_less_than_a_minute() -> None:
    start = time.process_time()
    size = len(list(generate(Split.TRAIN, 500, seed=9)))
    assert (time.process_time() - start) / size < 60 / 20_000
