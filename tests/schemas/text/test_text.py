"""A text is checked and folded once, and is a string in all else."""

import json
import pickle
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import InvalidTextError
from schemas.spans.entity import Document
from schemas.spans.prediction import Prediction
from schemas.text.fold import fold
from schemas.text.text import Text, check_text


@given(st.text())
def test_a_text_is_the_string_with_its_folded_form(string: str) -> None:
    check_text(string)
    text = Text.of(string)
    assert text == string and hash(text) == hash(string) and text.folded == fold(string)
    assert json.dumps(text) == json.dumps(string)


@pytest.mark.parametrize("string", ["\ud800", "张三\udfff", "\ude00\ud83d"])
def test_lone_surrogates_are_refused_and_not_quoted(string: str) -> None:
    with pytest.raises(InvalidTextError, match="lone surrogate") as caught:
        Text.of(string)
    assert "张三" not in str(caught.value)


def test_a_text_is_neither_checked_nor_folded_again() -> None:
    text = Text.of("１")
    assert Text.of(text) is text and text.folded is text.folded


@pytest.mark.parametrize("copy", [deepcopy, lambda text: pickle.loads(pickle.dumps(text))], ids=["copied", "pickled"])
def test_a_text_is_copied_and_pickled_as_such(copy: object) -> None:
    text = Text.of("电话１")
    assert text.folded
    for original in (text, Text.of("２")):
        other = copy(original)  # type: ignore[operator]
        assert isinstance(other, Text) and other == original and other.folded == original.folded


def test_objects_do_not_show_their_text() -> None:
    text = Text.of("张三")
    assert "张三" not in repr(Prediction(text, ())) + repr(Document("1", text))
