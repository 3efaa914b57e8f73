"""The tagger's tokens: spans of the original text, letters in runs, everything else alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from schemas.text.tokenize import STANDALONE, tokenize

VOCABULARY = [(piece, -3.0) for piece in ("<unk>", "▁", "a", "b", "ab", "▁ab", "1", "张")]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """A tiny Unigram model under the tagger's pre-tokenizer."""
    tokenizer = Tokenizer(models.Unigram(VOCABULARY, unk_id=0, byte_fallback=False))
    metaspace = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([metaspace, pre_tokenizers.Split(Regex(STANDALONE), "isolated")])
    return tokenizer


@given(text=st.text(max_size=40) | st.text("ab张1１Ａ \n，▁", max_size=40))
def test_spans_are_disjoint_ascending_and_inside_the_text(tokenizer: Tokenizer, text: str) -> None:
    ids, spans = tokenize(tokenizer, text)
    assert len(ids) == len(spans)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= start <= end <= len(text) for before, (start, end) in zip(ends, spans, strict=False))
    assert all(start < end for start, end in spans[1:])
    covered = {position for start, end in spans for position in range(start, end)}
    assert covered == set(range(len(text)))


def test_only_letters_run_together(tokenizer: Tokenizer) -> None:
    _, spans = tokenize(tokenizer, "张ab11，ab")
    assert [span for span in spans if span[0] < span[1]] == [(0, 1), (1, 3), (3, 4), (4, 5), (5, 6), (6, 8)]


def test_text_is_folded(tokenizer: Tokenizer) -> None:
    assert tokenize(tokenizer, "ａｂ１\n张") == tokenize(tokenizer, "ab1 张")
