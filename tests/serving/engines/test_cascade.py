"""Two engines in a row: what the second is asked about, and what becomes of both answers."""

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.cascade import CascadeEngine


class Words(UnbiasedEngine):
    """Marks words as names with a score each, and remembers what it was asked about."""

    def __init__(self, **scores: float) -> None:
        self.scores, self.asked = scores, list[str]()

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        self.asked += texts
        return [Prediction(text, tuple(self._found(text))) for text in texts]

    def _found(self, text: str) -> list[Detection]:
        words = re.finditer("|".join(self.scores) or "(?!)", text)
        return [Detection(Entity(*word.span(), T.PERSON_NAME), self.scores[word[0]], "model") for word in words]


def values(prediction: Prediction) -> list[str]:
    return [prediction.value(entity) for entity in prediction.entities]


def test_only_texts_of_which_the_first_is_unsure_go_on() -> None:
    first, second = Words(Anna=0.95, Bert=0.5, Cato=0.1), Words(Bert=0.99, Dora=0.7)
    found = CascadeEngine(first, second, 0.2, 0.9).detect(["Anna Dora", "Anna Bert Dora", "Cato Dora", "none"])
    assert second.asked == ["Anna Bert Dora"]
    assert list(map(values, found)) == [["Anna"], ["Anna", "Bert", "Dora"], [], []]
    assert [each.score for each in found[1].detections] == [0.95, 0.99, 0.7]


def test_what_the_second_does_not_see_goes_and_what_it_encloses_gives_way() -> None:
    first, second = Words(Anna=0.9, Bert=0.89), Words(**{"Anna B": 0.99})
    (found,) = CascadeEngine(first, second, 0.0, 0.9).detect(["Anna Bert"])
    assert values(found) == ["Anna B"] and found.detections[0].score == 0.99


def test_what_both_marked_is_never_left() -> None:
    text, unsure = "Anna Bert", Words(Anna=0.5, Bert=0.95)
    (found,) = CascadeEngine(unsure, Words(**{text: 0.99}), 0.0, 0.9).detect([text])
    assert values(found) == [text]
    (found,) = CascadeEngine(unsure, Words(**{"Anna B": 0.99}), 0.0, 0.9).detect([text])
    assert values(found) == ["Anna ", "Bert"]


def test_of_a_long_text_only_hard_segments_go_on_with_their_offsets() -> None:
    filler = "This sentence names nobody at all. " * 60
    text = f"{filler}Bert and Dora. {filler}"
    second = Words(Bert=0.8, Dora=0.8)
    (found,) = CascadeEngine(Words(Bert=0.5), second, 0.0, 0.9).detect([text])
    assert values(found) == ["Bert", "Dora"]
    assert 0 < sum(map(len, second.asked)) < len(text) / 2


@given(st.lists(st.text("ABCD ", max_size=30)), st.floats(0, 1), st.floats(0, 1))
def test_limits_decide_between_the_first_the_second_and_both(texts: list[str], low: float, high: float) -> None:
    scores = {"A": 0.1, "B": 0.4, "C": 0.7, "D": 1.0}
    first, second = Words(**scores), Words()
    found = CascadeEngine(first, second, min(low, high), max(low, high)).detect(texts)
    for text, prediction in zip(texts, found, strict=True):
        assert prediction.text == text
        assert values(prediction) == [char for char in text if char in scores and scores[char] >= max(low, high)]
    hard = [text for text in texts if any(min(low, high) <= scores.get(char, -1) < max(low, high) for char in text)]
    assert second.asked == hard
