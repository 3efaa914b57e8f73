"""Where words and numbers of alphabets end."""

_IDEOGRAPHS = "\u2e80"
"""From this character on, scripts put no space between words."""


def splits_word(folded: str, position: int) -> bool:
    """Whether a number or a word of an alphabet stands on both sides of `position` of a folded text."""
    sides = folded[max(position - 1, 0) : position], folded[position : position + 1]
    return all(side.isalnum() and side < _IDEOGRAPHS for side in sides)
