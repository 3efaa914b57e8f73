"""What stand-ins stand for: a person or a number with all its forms."""

from dataclasses import dataclass, field

from schemas.taxonomy import EntityType
from serving.redaction.forms import meant
from serving.redaction.linking import normal_form
from serving.redaction.operators import Form


@dataclass
class Referent:
    """What the stand-ins of one number stand for: a person, a phone number; its forms, and their stand-ins."""

    number: int
    forms: dict[str, list[str]] = field(default_factory=dict, repr=False)
    stand_ins: int = 0
    _longest: str = field(default="", repr=False)

    def add(self, value: str, stand_in: str) -> None:
        """Take another stand-in, of a form that may be new."""
        self.forms.setdefault(value, []).append(stand_in)
        self.stand_ins += 1
        if len(meant(value)) > len(meant(self._longest)):
            self._longest = value

    @property
    def base(self) -> Form:
        """The longest form, which is the most that is known of a name, and its first stand-in."""
        return Form(meant(self._longest), self.forms[self._longest][0], self.number, self.stand_ins)

    @property
    def normal_names(self) -> set[str]:
        """The normal forms of a person's names."""
        return {normal_form(EntityType.PERSON_NAME, name) for name in self.forms}
