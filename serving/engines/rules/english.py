"""English phrases that look like names in title case and are none: Meeting Minutes, Sir or Madam, Hong Kong."""

import re
from functools import cache
from pathlib import Path

_WORD = re.compile("[A-Za-z]+")
_TEXT = re.compile("[A-Za-z][A-Za-z .,:&'/-]{1,80}")
_NEXT_WORD = re.compile(" ([A-Z][a-z]+)")
_BETWEEN_NAMES = ("and", "or")
_SHORTEST_WORD_ALONE = 7  # shorter ones are people's nicknames


def is_phrase(text: str, start: int, end: int) -> bool:
    """Whether the span of folded `text` is common words, one of which at least is no name, or a country or city.

    A short word alone is taken for a nickname, unless a common word with a capital follows.
    """
    if not _TEXT.fullmatch(text, start, end):
        return False
    words = _WORD.findall(text[start:end].lower())
    common, names, _ = _words()
    if is_place(text, start, end):
        return True
    if len(words) == 1 and len(words[0]) < _SHORTEST_WORD_ALONE:
        following = _NEXT_WORD.match(text, end)
        words.append(following[1].lower() if following else "")
        if words[0] not in common:
            return False
    known = all(len(word) == 1 or word in common or word in names for word in words)
    return known and any(word in common and word not in _BETWEEN_NAMES for word in words)


def is_place(text: str, start: int, end: int) -> bool:
    """Whether the span of folded `text` is one or several countries or cities whose names have several words."""
    parts = (" ".join(_WORD.findall(part)) for part in text[start:end].lower().split(","))
    return all(part in _words()[2] for part in parts)


@cache
def _words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Common words that are no names, common words that are names too, places of several words."""
    lines = Path(__file__).with_name("english_words.txt").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if not line.startswith("#")]
    places = frozenset(entry for entry in entries if " " in entry)
    names = frozenset(entry.lower() for entry in entries if entry[0].isupper())
    return frozenset(entries) - places, names, places
