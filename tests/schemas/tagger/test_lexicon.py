"""The words of a lexicon beside the tokens of a text."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import ModelError
from schemas.tagger.lexicon import FEATURES, LEXICON, Lexicon, features
from schemas.tagger.word_kind import LONGEST, WordKind

WORDS = {
    "王小": WordKind.WORD,
    "王小明": WordKind.PERSON,
    "明天": WordKind.WORD | WordKind.PERSON,
    "上海市": WordKind.PLACE,
    "一二三四五六七八九": WordKind.WORD,
    "天": WordKind.WORD,
}
KINDS = list(WordKind)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.of(WORDS)


def kinds_at(marks: list[int], token: int) -> list[list[WordKind]]:
    """The kinds of the words that begin, go on and end at a token."""
    row = features(marks)[token].reshape(3, len(KINDS))
    return [[kind for kind, bit in zip(KINDS, part, strict=True) if bit] for part in row]


def test_overlapping_words_all_count(lexicon: Lexicon) -> None:
    text = "王小明天"
    marks = lexicon.mark(text, [(at, at + 1) for at in range(len(text))])
    assert kinds_at(marks, 0) == [[WordKind.PERSON, WordKind.WORD], [], []]
    assert kinds_at(marks, 1) == [[], [WordKind.PERSON], [WordKind.WORD]]
    assert kinds_at(marks, 2) == [[WordKind.PERSON, WordKind.WORD], [], [WordKind.PERSON]]
    assert kinds_at(marks, 3) == [[], [], [WordKind.PERSON, WordKind.WORD]]


def test_words_too_short_or_too_long_do_not_count(lexicon: Lexicon) -> None:
    assert len(lexicon) == 4
    text = "一二三四五六七八九天"
    assert lexicon.mark(text, [(at, at + 1) for at in range(len(text))]) == [0] * len(text)


def test_tokens_of_several_characters_lie_in_no_word(lexicon: Lexicon) -> None:
    assert lexicon.mark("ab上海市", [(0, 2), (2, 3), (3, 4), (4, 5)])[0] == 0
    assert lexicon.mark("上海市", [(0, 0), (0, 2), (2, 3)])[:2] == [0, 0]


def test_a_written_lexicon_is_read_back(lexicon: Lexicon, tmp_path: Path) -> None:
    lexicon.write(tmp_path)
    again = Lexicon.read(tmp_path)
    assert (again.digest, len(again)) == (lexicon.digest, len(lexicon))
    assert Lexicon.of({"王小": WordKind.PERSON}).digest != Lexicon.of({"王小": WordKind.WORD}).digest


def test_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"lexicon\.npz: not a readable lexicon"):
        Lexicon.read(tmp_path)
    (tmp_path / LEXICON).write_bytes(b"PK")
    with pytest.raises(ModelError, match=r"lexicon\.npz: not a readable lexicon"):
        Lexicon.read(tmp_path)


@given(st.text(alphabet="王小明天上海市x ", max_size=40))
def test_marks_are_what_a_plain_search_finds(text: str) -> None:
    expected = np.zeros((len(text), FEATURES))
    for word, kind in WORDS.items():
        for start in range(len(text)):
            if 2 <= len(word) <= LONGEST and text.startswith(word, start):
                for place in range(start, start + len(word)):
                    part = 0 if place == start else 2 if place == start + len(word) - 1 else 1
                    expected[place, [part * len(KINDS) + KINDS.index(one) for one in kind]] = 1
    marks = Lexicon.of(WORDS).mark(text, [(at, at + 1) for at in range(len(text))])
    assert features(marks).tolist() == expected.tolist()
