"""English phrases that look like names in title case and are none: Meeting Minutes, Sir or Madam, Hong Kong."""

import re
from functools import cache
from pathlib import Path

_WORD = re.compile("[A-Za-z]+")
_TEXT = re.compile("[A-Za-z][A-Za-z .,:&'/-]{1,80}")
_SHORTEST_WORD_ALONE = 7  # shorter ones are people's nicknames


def is_phrase(value: str) -> bool:
    """Whether folded `value` is a phrase of common words, one of which at least is no name, or names a country or city.

    One word alone is taken for a nickname unless it is long.
    """
    if not _TEXT.fullmatch(value):
        return False
    words = _WORD.findall(value.lower())
    common, names, places = _words()
    if " ".join(words) in places:
        return True
    if len(words) == 1 and len(words[0]) < _SHORTEST_WORD_ALONE:
        return False
    known = all(len(word) == 1 or word in common or word in names for word in words)
    return known and any(word in common for word in words)


@cache
def _words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """Common words that are no names, common words that are names too, places of several words."""
    lines = Path(__file__).with_name("english_words.txt").read_text(encoding="utf-8").splitlines()
    entries = [line for line in lines if not line.startswith("#")]
    places = frozenset(entry for entry in entries if " " in entry)
    names = frozenset(entry.lower() for entry in entries if entry[0].isupper())
    return frozenset(entries) - places, names, places
