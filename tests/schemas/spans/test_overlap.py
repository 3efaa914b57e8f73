"""The policy for spans that overlap."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.spans.overlap import disjoint, encloses, give_way, longest, meetings, united
from schemas.spans.prediction import Detection
from schemas.taxonomy import EntityType as T
from tests import strategies

spans = st.tuples(st.integers(0, 20), st.integers(1, 6)).map(lambda pair: (pair[0], sum(pair)))
detections = st.builds(
    lambda span, kind, score: Detection(Entity(*span, kind), score, "model", True),
    spans,
    strategies.types,
    st.sampled_from([0.2, 0.5, 0.9]),
)
sorted_detections = st.lists(detections, max_size=8).map(disjoint)


def detection(start: int, end: int, kind: T = T.PERSON_NAME, score: float = 0.5) -> Detection:
    return Detection(Entity(start, end, kind), score, "model", True)


def overlap(one: Entity, other: Entity) -> bool:
    return one.start < other.end and other.start < one.end


def covered(entities: list[Entity]) -> set[int]:
    return {at for entity in entities for at in range(entity.start, entity.end)}


def test_of_overlapping_detections_the_longest_stays() -> None:
    short, long, other = detection(3, 5, score=0.9), detection(2, 6, T.ADDRESS, 0.4), detection(6, 8, T.EMAIL)
    assert longest([short, other, long, long]) == [long, other]


def test_score_then_taxonomy_then_position_decide_between_equally_long_ones() -> None:
    weak, strong = detection(0, 3, T.PERSON_NAME, 0.4), detection(2, 5, T.URL, 0.6)
    assert longest([weak, strong]) == [strong]
    url, email = detection(0, 3, T.URL), detection(1, 4, T.EMAIL)
    assert longest([url, email]) == [email]
    first, second = detection(0, 3), detection(2, 5)
    assert longest([second, first]) == [first]


@given(st.lists(detections, max_size=8))
def test_what_is_left_out_overlaps_something_kept_that_is_as_long(found: list[Detection]) -> None:
    kept = longest(found)
    assert all(one.entity.end <= other.entity.start for one, other in itertools.pairwise(kept))
    for one in found:
        length = one.entity.end - one.entity.start
        rivals = [other.entity for other in kept if overlap(one.entity, other.entity)]
        assert one in kept or any(rival.end - rival.start >= length for rival in rivals)


@given(sorted_detections, sorted_detections)
def test_meetings_are_all_overlapping_pairs(ones: list[Detection], others: list[Detection]) -> None:
    pairs = [(other, one) for other in others for one in ones if overlap(one.entity, other.entity)]
    assert [(other, one) for other, met in meetings(ones, others) for one in met] == pairs
    assert [other for other, _ in meetings(ones, others)] == others


def test_a_span_does_not_enclose_its_equal() -> None:
    outer = Entity(1, 5, T.ADDRESS)
    assert encloses(outer, Entity(1, 4, T.LOCATION)) and encloses(outer, Entity(2, 5, T.LOCATION))
    assert not encloses(outer, Entity(1, 5, T.LOCATION)) and not encloses(outer, Entity(0, 3, T.LOCATION))


@given(sorted_detections, sorted_detections)
def test_detections_give_way_to_what_is_wanted_and_nothing_is_uncovered(
    found: list[Detection], wanted: list[Detection]
) -> None:
    result = give_way(found, wanted)
    assert all(one.entity.end <= other.entity.start for one, other in itertools.pairwise(result))
    everything = [one.entity for one in (*found, *wanted)]
    assert covered([one.entity for one in result]) == covered(everything)
    for one in wanted:
        assert one in result or any(encloses(other.entity, one.entity) for other in found)
    assert all(one.validated is None for one in result if one not in found and one not in wanted)


@given(st.lists(st.builds(lambda span, kind: Entity(*span, kind), spans, strategies.types), max_size=8))
def test_united_entities_cover_the_same_and_are_disjoint(entities: list[Entity]) -> None:
    result = united(entities)
    assert covered(result) == covered(entities)
    assert all(one.end <= other.start for one, other in itertools.pairwise(result))
    assert united(result) == result
    assert all(one.type == min(other for other in entities if other.start == one.start).type for one in result)


def test_what_gives_way_keeps_its_type_and_loses_its_check() -> None:
    wanted = detection(4, 8, T.ORGANIZATION)
    result = give_way([detection(2, 6, T.ADDRESS), detection(8, 10, T.EMAIL)], [wanted])
    assert [(found.entity, found.validated) for found in result] == [
        (Entity(2, 4, T.ADDRESS), None),
        (wanted.entity, True),
        (Entity(8, 10, T.EMAIL), True),  # only touches, so nothing of it is cut
    ]


def test_what_begins_where_a_wanted_one_begins_is_cut_in_front() -> None:
    result = give_way([detection(4, 8, T.ADDRESS)], [detection(3, 6, T.EMAIL)])
    assert [found.entity for found in result] == [Entity(3, 6, T.EMAIL), Entity(6, 8, T.ADDRESS)]


def test_entities_that_touch_are_not_united() -> None:
    touching = [Entity(0, 2, T.PERSON_NAME), Entity(2, 4, T.PERSON_NAME)]
    assert united(touching) == touching
