"""What words of a lexicon are, and which of them count: the part of the contract that needs no package."""

from enum import IntFlag

SHORTEST, LONGEST = 2, 8
"""Lengths of the words that count, in characters."""


class WordKind(IntFlag):
    """What a word is; a word may be of several kinds."""

    PERSON = 1
    PLACE = 2
    ORGANIZATION = 4
    OTHER_NAME = 8
    WORD = 16
