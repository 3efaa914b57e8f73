"""Makes the tagger's lexicon from the word list of jieba (MIT), in simplified and traditional characters."""

from collections.abc import Iterator
from importlib.resources import files

from opencc import OpenCC

from schemas.tagger.lexicon import Lexicon
from schemas.tagger.word_kind import WordKind

_KINDS = {
    "nr": WordKind.PERSON,
    "nrfg": WordKind.PERSON,
    "nrt": WordKind.PERSON,
    "ns": WordKind.PLACE,
    "nt": WordKind.ORGANIZATION,
    "nz": WordKind.OTHER_NAME,
}
"""What jieba's parts of speech say of names; all others are plain words."""


def build_lexicon() -> Lexicon:
    """The words of jieba's list with what they are; a traditional form is of the kinds of all its simplified ones."""
    kinds: dict[str, WordKind] = {}
    for word, kind in _words():
        kinds[word] = kinds.get(word, WordKind(0)) | kind
    return Lexicon.of(kinds)


def _words() -> Iterator[tuple[str, WordKind]]:
    convert = OpenCC("s2t").convert
    for line in files("jieba").joinpath("dict.txt").read_text(encoding="utf-8").splitlines():
        word, _, part_of_speech = line.split(" ")
        for form in {word, convert(word)}:
            yield form, _KINDS.get(part_of_speech, WordKind.WORD)
