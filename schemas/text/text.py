"""A text that was checked, with its folded form: what engines read."""

from typing import Self

from schemas.errors import InvalidTextError
from schemas.text.fold import fold


class Text(str):
    """A string without lone surrogates, which are no characters; equal to the plain string, and pickled like it.

    `Text.of` makes one at the boundary. Whoever calls it again gets the same object, so that a text is checked and
    folded once, however many engines read it.
    """

    __slots__ = ("_folded",)
    _folded: str

    @classmethod
    def of(cls, text: str) -> Self:
        """The text itself where it is a `Text`, else a checked copy. Raises InvalidTextError for a lone surrogate."""
        if isinstance(text, cls):
            return text
        check_text(text)
        return cls(text)

    @property
    def folded(self) -> str:
        """The text as `schemas.text.fold` has it: of the same length, made when it is first asked for."""
        try:
            return self._folded
        except AttributeError:
            self._folded = fold(self)
            return self._folded


def is_text(text: str) -> bool:
    """Whether `text` holds no lone surrogate."""
    try:
        check_text(text)
    except InvalidTextError:
        return False
    return True


def check_text(text: str) -> None:
    """Raise InvalidTextError when `text` holds a lone surrogate; the message names the position, never the text."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidTextError(f"text has a lone surrogate at position {error.start}") from None
