"""Noise in the carrier text between values: slips of typing, emoji, widths, punctuation, case."""

import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import replace

from data_builders.synth.sampling import widen
from data_builders.synth.segment import Segment
from data_builders.synth.word_lists import words
from schemas.taxonomy import EntityType as T

_EMOJI = words("emoji")
_CONFUSIONS: dict[str, str] = {}
for _group in words("confusions"):
    for _char in _group:
        _CONFUSIONS[_char] = _CONFUSIONS.get(_char, "") + _group.replace(_char, "")
_HALF_WIDTH = str.maketrans("，。：；！？（）、“”", ',.:;!?(),""')
_DROPPED = "，。：；！？、,:;!?"
_WIDENED = set(string.digits + "!?,.:;()")
_CASELESS = {T.PERSON_NAME, T.EMAIL, T.ADDRESS, T.LOCATION, T.ORGANIZATION, T.JOB_TITLE, T.DATE_TIME, T.DATE_OF_BIRTH}


def is_han(char: str) -> bool:
    """Whether `char` is a common Chinese character."""
    return "\u4e00" <= char <= "\u9fff"


def typo(segments: Sequence[Segment], rng: random.Random) -> list[Segment]:
    """One to three slips in carrier text: a character taken for another, dropped, doubled; letters swapped.

    Carriers of fewer than four characters stay whole, so that values keep what divides them.
    """
    result = list(segments)
    for _ in range(rng.randint(1, 3)):
        spots = [(i, j) for i, segment in enumerate(result) if not segment.slot for j in _spots(segment.text)]
        if spots:
            index, position = rng.choice(spots)
            result[index] = Segment(_slip(result[index].text, position, rng))
    return result


def _spots(text: str) -> Iterator[int]:
    """Positions of Chinese characters and of small letters within words."""
    if len(text) < 4:
        return
    for position, char in enumerate(text):
        within_word = char.isascii() and char.islower() and text[max(position - 1, 0) : position + 2].isalpha()
        if is_han(char) or within_word:
            yield position


def _slip(text: str, position: int, rng: random.Random) -> str:
    before, char, after = text[:position], text[position], text[position + 1 :]
    if char in _CONFUSIONS and rng.random() < 0.8:
        return before + rng.choice(_CONFUSIONS[char]) + after
    if char.isascii() and after and rng.random() < 0.4:
        return before + after[0] + char + after[1:]
    return before + rng.choice(["", char * 2]) + after


def emoji(segments: Sequence[Segment], rng: random.Random) -> list[Segment]:
    """One or two emoji after one to three of the sentences, or at the end of the text."""
    result = list(segments)
    ends = [
        (i, j) for i, s in enumerate(result) if not s.slot for j, char in enumerate(s.text) if char in "。！？!～~\n"
    ]
    for index, position in sorted(rng.sample(ends, min(len(ends), rng.randint(1, 3))), reverse=True):
        text = result[index].text
        cut = position if text[position] == "\n" else position + 1
        result[index] = Segment(text[:cut] + _some_emoji(rng) + text[cut:])
    return result if ends else [*result, Segment((" " if result[-1].slot else "") + _some_emoji(rng))]


def _some_emoji(rng: random.Random) -> str:
    return rng.choice(_EMOJI) * rng.choice([1, 1, 1, 2, 3])


def full_width(segments: Sequence[Segment], rng: random.Random) -> list[Segment]:
    """The digits and the punctuation of the carrier text in full-width forms."""
    return [
        segment
        if segment.slot
        else Segment("".join(widen(char) if char in _WIDENED else char for char in segment.text))
        for segment in segments
    ]


def punctuation(segments: Sequence[Segment], rng: random.Random) -> list[Segment]:
    """The punctuation of the carrier text in half-width forms, or left out as in hasty messages and speech."""
    if rng.random() < 0.5:
        return [s if s.slot else Segment(s.text.translate(_HALF_WIDTH)) for s in segments]
    return [s if s.slot else Segment(_without_punctuation(s.text)) for s in segments]


def _without_punctuation(text: str) -> str:
    """`text` without marks; a blank stands for one that no Chinese character of the carrier touches."""
    kept = []
    for position, char in enumerate(text):
        touched = any(is_han(near) for near in text[max(position - 1, 0) : position + 2])
        kept.append(("" if touched else " ") if char in _DROPPED else char)
    return "".join(kept)


def letter_case(segments: Sequence[Segment], rng: random.Random) -> list[Segment]:
    """Everything in upper or lower case but the values in which case may bear meaning."""
    change = rng.choice([str.upper, str.lower, str.lower])
    return [
        replace(segment, text=change(segment.text)) if not segment.slot or segment.type in _CASELESS else segment
        for segment in segments
    ]
