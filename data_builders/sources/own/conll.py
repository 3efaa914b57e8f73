"""CoNLL files: a token and its tag a line, a blank line between texts.

The token stands first and the tag last, with tabs or spaces between; other columns and lines `-DOCSTART-` are passed
over. Tags are BIO, BIOES, BMES or BILOU (Ratinov & Roth 2009). https://aclanthology.org/W03-0419
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from unicodedata import east_asian_width

from data_builders.sources.own.labelled import LabelledSpan, LabelledText
from data_builders.sources.tables import read_lines
from data_builders.sources.tags import spans_of
from schemas.errors import DataError

_TAG = re.compile(r"O|[BIMESLU]-\S+")
_BIOES = {"L": "E", "U": "S"}
"""What BILOU calls E and S otherwise."""
_OPENING = frozenset("([{$")
_CLOSING = frozenset([*",.;:!?)]}%", "'s", "n't"])


def read_conll(file: Path, text: str, report: Counter[str]) -> Iterator[LabelledText]:
    """The texts of a file, put together from their tokens: with spaces, except between Chinese or single characters.

    Raises DataError with file and line.
    """
    place, tokens, tags = "", list[str](), list[str]()
    for line_place, line in read_lines(file):
        cells = line.split("\t") if "\t" in line else line.split()
        if not line.strip() or cells[0] == "-DOCSTART-":
            if tokens:
                yield _labelled(place, tokens, tags)
            tokens, tags = [], []
            continue
        if len(cells) == 1 and line[0].isspace():  # the token is a space
            cells = [line[0], *cells]
        token, tag = cells[0].strip() or cells[0][:1], cells[-1].strip()
        if line.startswith("#") and not _TAG.fullmatch(tag):
            continue
        if len(cells) < 2 or not token or not _TAG.fullmatch(tag):
            raise DataError(f"{line_place}: expected a token first and a tag last, such as O, B-x or I-x")
        place = place if tokens else line_place
        tokens.append(token)
        tags.append(_BIOES.get(tag[0], tag[0]) + tag[1:])
    if tokens:
        yield _labelled(place, tokens, tags)


def _labelled(place: str, tokens: Sequence[str], tags: Sequence[str]) -> LabelledText:
    spaced = any(len(token) > 1 for token in tokens)
    text, starts = tokens[0], [0]
    for before, token in pairwise(tokens):
        text += " " * (spaced and _is_spaced(before, token))
        starts.append(len(text))
        text += token
    spans = (
        LabelledSpan(starts[first], starts[last - 1] + len(tokens[last - 1]), label)
        for first, last, label in spans_of(tags)
    )
    return LabelledText(place, text, tuple(spans))


def _is_spaced(before: str, token: str) -> bool:
    is_wide = any(east_asian_width(char) in "WF" for char in (before[-1], token[0]))
    return not is_wide and before not in _OPENING and token not in _CLOSING
