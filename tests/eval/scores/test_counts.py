import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import precision_recall_fscore_support
from seqeval.metrics.v1 import precision_recall_fscore_support as strict_support
from seqeval.scheme import IOB2, IOBES

from eval.scores.counts import SCHEMES, Counts, Scheme, count, scored_entities, seqeval_counts, strict_counts
from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType as T
from tests.eval.samples import NAME, PHONE, example, prediction
from tests.strategies import entities_in

KINDS = (T.PERSON_NAME, T.PHONE_NUMBER, T.ADDRESS)
TRUE = (Entity(0, 2, NAME), Entity(3, 5, NAME), Entity(8, 13, PHONE))
FOUND = (Entity(0, 2, NAME), Entity(3, 6, NAME), Entity(7, 9, NAME), Entity(9, 13, PHONE))


@pytest.mark.parametrize(
    ("scheme", "by_type"),
    [
        ("strict", {NAME: Counts(1, 2, 1), PHONE: Counts(0, 1, 1)}),
        ("partial", {NAME: Counts(2, 1, 0), PHONE: Counts(1, 0, 0)}),
        ("type_agnostic", {NAME: Counts(1, 2, 1), PHONE: Counts(0, 1, 1)}),
        ("characters", {NAME: Counts(4, 2, 0), PHONE: Counts(5, 0, 0)}),
    ],
)
def test_counts_by_hand(scheme: Scheme, by_type: dict[T, Counts]) -> None:
    assert count(TRUE, FOUND, scheme) == by_type


def test_a_right_span_of_another_type_is_right_without_types_alone() -> None:
    true, found = [Entity(0, 2, NAME)], [Entity(0, 2, PHONE)]
    assert count(true, found, "strict") == count(true, found, "partial") == {NAME: Counts(fn=1), PHONE: Counts(fp=1)}
    assert count(true, found, "type_agnostic") == {NAME: Counts(tp=1), PHONE: Counts()}
    assert count(true, found, "characters") == {NAME: Counts(tp=2), PHONE: Counts()}


def test_one_found_entity_over_two_true_ones_is_partly_right_once() -> None:
    assert count([Entity(0, 2, NAME), Entity(2, 4, NAME)], [Entity(1, 3, NAME)], "partial") == {NAME: Counts(1, 0, 1)}


pairs = st.tuples(entities_in("x" * 12, KINDS), entities_in("x" * 12, KINDS))


@given(pairs, st.sampled_from(SCHEMES))
def test_counts_add_up_to_what_there_is_and_turn_around(
    pair: tuple[Sequence[Entity], Sequence[Entity]], scheme: Scheme
) -> None:
    true, found = pair
    total = sum(count(true, found, scheme).values(), Counts())
    sizes = [sum(entity.end - entity.start if scheme == "characters" else 1 for entity in side) for side in pair]
    assert [total.tp + total.fn, total.tp + total.fp] == sizes
    assert min(total.tp, total.fp, total.fn) >= 0
    turned = sum(count(found, true, scheme).values(), Counts())
    assert turned == Counts(total.tp, total.fn, total.fp)


@given(pairs)
def test_partial_hits_are_the_most_that_can_be_paired(pair: tuple[Sequence[Entity], Sequence[Entity]]) -> None:
    true, found = pair
    assert sum(count(true, found, "partial").values(), Counts()).tp == most_pairs(list(true), list(found))


def most_pairs(true: list[Entity], found: list[Entity]) -> int:
    """By trying everything."""
    if not true:
        return 0
    first, rest = true[0], true[1:]
    tried = [most_pairs(rest, found)]
    for at, other in enumerate(found):
        if other.type == first.type and first.start < other.end and other.start < first.end:
            tried.append(1 + most_pairs(rest, found[:at] + found[at + 1 :]))
    return max(tried)


@given(pairs)
def test_counts_of_seqeval_are_the_strict_ones(pair: tuple[Sequence[Entity], Sequence[Entity]]) -> None:
    assert seqeval_counts(*pair) == count(*pair, "strict")


def test_counts_of_seqeval_by_hand() -> None:
    assert seqeval_counts(TRUE, FOUND) == {NAME: Counts(1, 2, 1), PHONE: Counts(0, 1, 1)}
    assert seqeval_counts([], []) == {}
    assert seqeval_counts(TRUE[:1], [Entity(0, 2, PHONE)]) == {NAME: Counts(fn=1), PHONE: Counts(fp=1)}


@given(st.lists(pairs, min_size=1, max_size=6))
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_scores_by_type_are_those_of_seqeval_over_all_characters(
    texts: list[tuple[Sequence[Entity], Sequence[Entity]]],
) -> None:
    counts = {kind: Counts() for kind in KINDS}
    for true, found in texts:
        for kind, part in seqeval_counts(true, found).items():
            counts[kind] += part
    occurring = sorted(kind for kind, part in counts.items() if part != Counts())
    sides = ([tags(side, 12, True) for side in sides] for sides in zip(*texts, strict=True))
    precision, recall, f1, support = strict_support(*sides, average=None, scheme=IOBES)
    assert list(support) == [counts[kind].tp + counts[kind].fn for kind in occurring]
    for at, kind in enumerate(occurring):
        part = counts[kind]
        if part.tp + part.fp and part.tp + part.fn:  # else seqeval gives 0, and we 1
            assert (precision[at], recall[at], f1[at]) == pytest.approx((part.precision, part.recall, part.f1))


@given(st.lists(pairs, min_size=1, max_size=6))
@pytest.mark.parametrize("scheme", [IOB2, IOBES])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")
def test_strict_scores_are_those_of_seqeval(
    scheme: type, texts: list[tuple[Sequence[Entity], Sequence[Entity]]]
) -> None:
    counts = sum((part for true, found in texts for part in count(true, found, "strict").values()), Counts())
    if not (counts.tp + counts.fp and counts.tp + counts.fn):
        return  # seqeval gives 0 where there is nothing to divide by
    true, found = ([tags(side, 12, scheme is IOBES) for side in sides] for sides in zip(*texts, strict=True))
    precision, recall, f1, _ = strict_support(true, found, average="micro", scheme=scheme)
    assert (precision, recall, f1) == pytest.approx((counts.precision, counts.recall, counts.f1))
    if scheme is IOB2:
        assert precision_recall_fscore_support(true, found, average="micro")[2] == pytest.approx(counts.f1)


def tags(entities: Sequence[Entity], length: int, bioes: bool) -> list[str]:
    written = ["O"] * length
    for entity in entities:
        inside = range(entity.start, entity.end)
        for at in inside:
            first, last = at == inside[0], at == inside[-1]
            prefix = (
                ("S" if first and last else "B" if first else "E" if last else "I") if bioes else "B" if first else "I"
            )
            written[at] = f"{prefix}-{entity.type}"
    return written


def test_the_order_of_texts_does_not_matter() -> None:
    texts = [
        (example(1, *TRUE), prediction(*FOUND)),
        (example(2), prediction(*TRUE)),
        (example(3, *TRUE), prediction()),
    ]
    sums = [strict_counts(*zip(*order, strict=True), KINDS) for order in itertools.permutations(texts)]
    assert sums == [sums[0]] * 6 and sums[0] == {NAME: Counts(1, 4, 3), PHONE: Counts(0, 2, 2), T.ADDRESS: Counts()}


def test_types_a_corpus_does_not_annotate_are_not_scored() -> None:
    partly = example(1, TRUE[0], annotated=(NAME,))
    assert scored_entities(partly, prediction(*FOUND), KINDS) == ([TRUE[0]], list(FOUND[:3]))
    assert scored_entities(partly, prediction(*FOUND), (PHONE,)) == ([], [])


def test_empty_counts_are_perfect_and_add_up() -> None:
    assert (Counts().precision, Counts().recall, Counts().f1) == (1.0, 1.0, 1.0)
    assert Counts(1, 2, 3) + Counts(4, 5, 6) == Counts(5, 7, 9)
    some = Counts(2, 1, 3)
    assert (some.precision, some.recall, some.f1) == (pytest.approx(2 / 3), 0.4, 0.5)
