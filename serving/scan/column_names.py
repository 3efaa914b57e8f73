"""Names of columns that hold personal data, such as the first row of a table that has no header, or keys of JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from schemas.engine import Find
from schemas.errors import InvalidTextError
from schemas.formats.registry import FORMATS
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from serving.engines.custom_rules import CustomRulesError
from serving.redaction import make_operator, redact
from serving.redaction.documents.first_row import people_in

_NOT_SEARCHED = "(a name that cannot be searched)"
_COUNTED = FORMATS.keys() - {
    EntityType.DATE_OF_BIRTH,
    EntityType.EMPLOYEE_ID,
    EntityType.STUDENT_ID,
    EntityType.MEMBER_ID,
    EntityType.POSTAL_CODE,
    EntityType.GEO_COORDINATE,
}
"""Types that names are searched for: not those of years, days and codes, which name columns everywhere."""
_SURE = 0.5


@dataclass
class ColumnNames:
    """Masks names by what `find` finds in them.

    Only types whose values have a format count: models take words such as weixin, alone, for names of people. Dates and
    short codes never do. In names that are read together, as a row that may be data, sure names and addresses count.
    """

    find: Find
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def masked(self, names: Iterable[str]) -> dict[str, str]:
        """Those of `names` that hold personal data, each with the name to show, which has labels in its place."""
        asked = dict.fromkeys(names)
        new = [name for name in asked if name not in self._known]
        self._known.update(zip(new, self._shown(new), strict=True))
        return {name: self._known[name] for name in asked if self._known[name] != name}

    def add_row(self, row: Sequence[str]) -> None:
        """Know those of `row`, which may be data, that hold names and addresses; all of one that cannot be searched."""
        masked = self.masked(row)
        try:
            people = {row[number]: number + 1 for number in (people_in(row, self.find) if row else [])}
            self._known.update(
                {name: f"(a name or an address in column {people[name]})" for name in people.keys() - masked.keys()}
            )
        except (InvalidTextError, CustomRulesError):
            self._known.update(dict.fromkeys(row, _NOT_SEARCHED))

    def _shown(self, names: list[str]) -> list[str]:
        try:
            return list(map(_redacted, self.find(names)))
        except (InvalidTextError, CustomRulesError):
            return [_NOT_SEARCHED] if len(names) == 1 else [shown for name in names for shown in self._shown([name])]


def _redacted(name: Prediction) -> str:
    """`name` with labels for all that it holds, if something that counts is among it."""
    counts = any(found.type in _COUNTED and found.score >= _SURE for found in name.detections)
    return redact(name.text, name.entities if counts else (), make_operator("label", one_way=True)).text
