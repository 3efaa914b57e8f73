import itertools
from collections.abc import Sequence

import numpy as np
import pytest

from schemas.spans.tags import OUTSIDE, TAGS, tag_id
from schemas.taxonomy import ALL_TYPES, EntityType
from serving.engines.tagger.viterbi import Scores, TokenSpan, log_probabilities
from serving.engines.tagger.viterbi import decode as decode_emissions

NAME, PHONE, CITY = EntityType.PERSON_NAME, EntityType.PHONE_NUMBER, EntityType.LOCATION


def logits_for(tags: list[int], strength: float = 8.0) -> np.ndarray:
    logits = np.zeros((len(tags), len(TAGS)), np.float32)
    logits[range(len(tags)), tags] = strength
    return logits


def decode(logits: Scores, types: Sequence[EntityType]) -> list[TokenSpan]:
    return decode_emissions(*log_probabilities(logits, types), types, np.zeros(len(types), np.float32))


def spans(found: list[TokenSpan]) -> list[tuple[int, int, EntityType]]:
    return [(span.first, span.last, span.type) for span in found]


def legal_paths(length: int, types: list[EntityType]) -> list[list[str]]:
    """Every legal BIOES path, by exhaustive search over tag names."""
    names = ["O", *(f"{p}-{t}" for t in types for p in "BIES")]

    def follows(left: str, right: str) -> bool:
        inside = left[0] in "BI"
        return (right[0] in "IE" and right[2:] == left[2:]) if inside else right[0] in "OBS"

    return [
        list(path)
        for path in itertools.product(names, repeat=length)
        if all(follows(a, b) for a, b in zip(("O", *path), (*path, "O"), strict=True))
    ]


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_equals_exhaustive_search(seed: int, length: int) -> None:
    types = [NAME, PHONE]
    logits = np.random.default_rng(seed).normal(0, 3, (length, len(TAGS))).astype(np.float32)
    logits[:, [index for index in range(len(TAGS)) if index not in (0, *range(1, 9))]] = -30
    log_probability = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    best = max(
        legal_paths(length, types), key=lambda path: sum(log_probability[i, TAGS.index(t)] for i, t in enumerate(path))
    )
    expected = [(i, i, EntityType(tag[2:])) for i, tag in enumerate(best) if tag[0] == "S"]
    for first, tag in enumerate(best):
        if tag[0] == "B":
            last = next(i for i in range(first, length) if best[i][0] == "E")
            expected.append((first, last, EntityType(tag[2:])))
    assert spans(decode(logits, types)) == sorted(expected)


def test_illegal_argmax_is_repaired() -> None:
    tags = [tag_id(NAME, "I"), tag_id(NAME, "E"), OUTSIDE, tag_id(PHONE, "B"), OUTSIDE]
    for span in decode(logits_for(tags, 2.0), ALL_TYPES):
        assert span.first <= span.last
    assert all(span.type is not PHONE or span.first != span.last for span in decode(logits_for(tags), ALL_TYPES))


def test_types_that_are_not_requested_count_as_outside() -> None:
    tags = [tag_id(CITY, "B"), tag_id(CITY, "E"), tag_id(NAME, "S")]
    assert spans(decode(logits_for(tags), [NAME])) == [(2, 2, NAME)]
    assert spans(decode(logits_for(tags), ALL_TYPES)) == [(0, 1, CITY), (2, 2, NAME)]


def test_touching_entities_stay_apart() -> None:
    tags = [tag_id(NAME, "B"), tag_id(NAME, "E"), tag_id(NAME, "B"), tag_id(NAME, "E")]
    assert spans(decode(logits_for(tags), [NAME])) == [(0, 1, NAME), (2, 3, NAME)]


def test_scores_are_probabilities_and_fall_with_doubt() -> None:
    tags = [tag_id(NAME, "B"), tag_id(NAME, "I"), tag_id(NAME, "E")]
    sure, unsure = (decode(logits_for(tags, strength), [NAME])[0].score for strength in (12.0, 6.0))
    assert 0 < unsure < sure <= 1


def test_a_bias_favours_its_type_alone_and_leaves_the_scores() -> None:
    logits = np.zeros((2, len(TAGS)), np.float32)
    logits[:, OUTSIDE], logits[0, tag_id(NAME, "S")], logits[1, tag_id(PHONE, "S")] = 8.0, 7.5, 7.5
    emissions = log_probabilities(logits, [NAME, PHONE])
    assert decode_emissions(*emissions, [NAME, PHONE], np.zeros(2, np.float32)) == []
    (favoured,) = decode_emissions(*emissions, [NAME, PHONE], np.array([0, 1], np.float32))
    assert favoured == TokenSpan(1, 1, PHONE, pytest.approx(np.exp(emissions[1][1, 1, 3])))


def test_order_of_types_does_not_matter() -> None:
    logits = np.random.default_rng(1).normal(0, 2, (200, len(TAGS))).astype(np.float32)
    assert decode(logits, ALL_TYPES) == decode(logits, ALL_TYPES[::-1])


def test_long_texts_lose_no_precision() -> None:
    tags = [OUTSIDE] * 200_000
    tags[199_000], tags[199_001] = tag_id(NAME, "B"), tag_id(NAME, "E")
    assert spans(decode(logits_for(tags), [NAME])) == [(199_000, 199_001, NAME)]


def test_nothing_to_decode() -> None:
    assert decode(np.empty((0, len(TAGS)), np.float32), ALL_TYPES) == []
    assert decode(logits_for([tag_id(NAME, "S")]), []) == []


def test_outside_keeps_its_small_probability_beside_a_sure_tag() -> None:
    logits = np.zeros((1, len(TAGS)), np.float32)
    logits[0, tag_id(NAME, "S")] = 30.0
    outside, tagged = log_probabilities(logits, [NAME])
    assert outside[0] == pytest.approx(np.log(len(TAGS) - 4) - 30, abs=1e-3)
    assert tagged[0, 0, 3] == pytest.approx(0, abs=1e-3)
