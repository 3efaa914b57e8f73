"""What stand-ins stand for: a person or a number with all its forms, and how numbers of JSON differ from strings."""

from dataclasses import dataclass, field

from schemas.taxonomy import EntityType
from schemas.text.escapes import decoded
from serving.redaction.linking import normal_form
from serving.redaction.operators import Form

_NUMBER = "\ue000"
"""Before a value: it is a number of JSON, which has a stand-in of its own, to be told from a string like it.

Before a value that begins with this character itself, which no number does, it stands twice.
"""


@dataclass
class Referent:
    """What the stand-ins of one number stand for: a person, a phone number; its forms, and their stand-ins."""

    number: int
    forms: dict[str, list[str]] = field(default_factory=dict, repr=False)
    stand_ins: int = 0
    base: Form = field(default_factory=lambda: Form("", "", 0), repr=False)
    """The longest form, which is the most that is known of a name, and its first stand-in."""

    def add(self, value: str, stand_in: str) -> None:
        """Take another stand-in, of a form that may be new."""
        self.forms.setdefault(value, []).append(stand_in)
        self.stand_ins += 1
        plain = decoded(plain_value(value))
        if len(plain) > len(self.base.value):
            self.base = Form(plain, self.forms[value][0], self.number)

    @property
    def normal_names(self) -> set[str]:
        """The normal forms of a person's names."""
        return {normal_form(EntityType.PERSON_NAME, name) for name in self.forms}


def marked_text(value: str) -> str:
    """A text as a form, which no number is taken for."""
    return 2 * _NUMBER + value if value.startswith(_NUMBER) else value


def marked_number(number: str) -> str:
    """A number of JSON as a form, which no text is taken for."""
    return _NUMBER + number


def is_number(form: str) -> bool:
    """Whether a form is a number of JSON."""
    return form.startswith(_NUMBER) and not form.startswith(2 * _NUMBER)


def plain_value(form: str) -> str:
    """What is written for a form."""
    return form[2:] if form.startswith(2 * _NUMBER) else form.removeprefix(_NUMBER)
