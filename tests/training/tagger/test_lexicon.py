"""The lexicon that taggers are given: names by kind, in both scripts."""

import pytest

from schemas.tagger.lexicon import Lexicon, features
from schemas.tagger.word_kind import WordKind
from training.tagger.lexicon import build_lexicon


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return build_lexicon()


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("上海", WordKind.PLACE),
        ("鲁迅", WordKind.PERSON),
        ("联合国", WordKind.ORGANIZATION),
        ("高兴", WordKind.WORD),
        ("高興", WordKind.WORD),
        ("聯合國", WordKind.ORGANIZATION),
    ],
)
def test_words_are_of_their_kind_in_simplified_and_traditional_characters(
    lexicon: Lexicon, word: str, kind: WordKind
) -> None:
    marks = lexicon.mark(word, [(at, at + 1) for at in range(len(word))])
    begins = features(marks)[0, : len(WordKind)]
    assert begins[list(WordKind).index(kind)] == 1
