"""How values are written: texts, and numbers of JSON, which have stand-ins of their own."""

from schemas.text.escapes import decoded
from schemas.text.numbers import plain_number

_NUMBER = "\ue000"
"""Before a value: it is a number of JSON, which has a stand-in of its own, to be told from a string like it.

Before a value that begins with this character itself, which no number does, it stands twice.
"""


def marked_text(value: str) -> str:
    """A text as a form, which no number is taken for."""
    return 2 * _NUMBER + value if value.startswith(_NUMBER) else value


def marked_number(number: str) -> str:
    """A number of JSON as a form, which no text is taken for."""
    return _NUMBER + number


def is_number(form: str) -> bool:
    """Whether a form is a number of JSON."""
    return form.startswith(_NUMBER) and not form.startswith(2 * _NUMBER)


def written(form: str) -> str:
    """What is written for a form."""
    return form[2:] if form.startswith(2 * _NUMBER) else form.removeprefix(_NUMBER)


def meant(form: str) -> str:
    """The value that a form means: what is written, without escapes, and a whole number in digits."""
    return plain_number(decoded(written(form)))
