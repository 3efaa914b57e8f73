"""Folding: normalisation that never changes a text's length.

Models and rules read folded text (`１３８` becomes `138`, `Ａ` becomes `A`, a line break becomes a space), and because
position i of the folded text is position i of the original, spans need no mapping back.
"""

import unicodedata


class _FoldTable(dict[int, int]):
    """Code point to folded code point, filled on demand for `str.translate`."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        if char.isspace() or unicodedata.category(char) == "Cc":
            folded = " "
        else:
            normal = unicodedata.normalize("NFKC", char)
            folded = normal if len(normal) == 1 else char
        self[code] = ord(folded)
        return self[code]


_TABLE = _FoldTable()


def fold(text: str) -> str:
    """Return `text` with every character replaced by its one-character NFKC form, white space by a plain space.

    Characters whose NFKC form (Unicode UAX #15) is longer or shorter than one stay as they are, so that
    `len(fold(text)) == len(text)`.
    """
    return text.translate(_TABLE)
