import threading

import pytest

from schemas.errors import InvalidTextError, ModelError, RefusedTextError
from serving.engines.remote.each_text import for_each_text
from serving.engines.remote.server import UnprovenRefusalError


def ask(text: str) -> int:
    if text.startswith("away"):
        raise ModelError("http://server: status 503")
    if text.startswith("refused"):
        raise RefusedTextError("http://server: refused")
    return len(text)


def test_answers_come_in_order_and_side_by_side() -> None:
    together = threading.Barrier(3, timeout=10)

    def wait(text: str) -> str:
        together.wait()
        return text

    assert for_each_text(wait, ["a", "b", "c"], 3) == ["a", "b", "c"]
    assert for_each_text(ask, ["a", "bb"], 1) == [1, 2]
    assert for_each_text(ask, [], 1) == []


def test_a_single_text_fails_as_it_does() -> None:
    with pytest.raises(RefusedTextError) as caught:
        for_each_text(ask, ["refused"], 2)
    assert str(caught.value) == "http://server: refused"


def test_how_many_of_how_many_failed_is_told_and_why() -> None:
    asked: list[str] = []

    def noted(text: str) -> int:
        asked.append(text)
        return ask(text)

    texts = ["a", "away1", "refused1", "away2", "b"]
    with pytest.raises(ModelError) as caught:
        for_each_text(noted, texts, 2)
    assert str(caught.value) == "3 of 5 texts failed: http://server: status 503 (2); http://server: refused (1)"
    assert sorted(asked) == sorted(texts)  # one that fails takes none with it


def test_texts_that_are_all_refused_are_no_fault_of_the_model() -> None:
    with pytest.raises(InvalidTextError, match="2 of 3 texts failed"):
        for_each_text(ask, ["refused1", "a", "refused2"], 2)


def test_what_was_refused_before_any_answer_is_asked_once_more() -> None:
    asked: list[str] = []

    def refusing(text: str) -> int:
        asked.append(text)
        if text == "long":
            raise RefusedTextError("refused") if len(asked) > 3 else UnprovenRefusalError("status 400")
        return len(text)

    with pytest.raises(RefusedTextError, match="1 of 3 texts failed: refused"):
        for_each_text(refusing, ["long", "a", "bb"], 1)
    assert asked == ["long", "a", "bb", "long"]
    asked.clear()
    with pytest.raises(UnprovenRefusalError):
        for_each_text(refusing, ["long"], 1)
    assert asked == ["long"]
