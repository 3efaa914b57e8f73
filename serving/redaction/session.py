"""A redaction of one text or many that belong together: what the command line, the service and Python share."""

from collections.abc import Iterable

from schemas.per_type import PerType
from schemas.spans.entity import Entity
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType
from serving.redaction.json_text import is_number
from serving.redaction.linking import NameIndex
from serving.redaction.operators import (
    IrreversibleError,
    MissingKeyError,
    OperatorName,
    Pseudonym,
    Surrogate,
    UnusedKeepError,
    make_operator,
)
from serving.redaction.redact import Redacted, Restored, person_names, redact, restore
from serving.redaction.replacement_map import ReplacementMap
from serving.redaction.tokens import TokenCipher

_NO_CIPHER = "a way back needs a key"


class RedactionSession:
    """Redacts texts; equal values get equal stand-ins of operators that are unique in all of them."""

    def __init__(
        self,
        operator: OperatorName | PerType[OperatorName] = "pseudonym",
        *,
        keep: int = 0,
        hash_key: bytes = b"",
        cipher: TokenCipher | None = None,
        reversible: bool = False,
        one_way: bool = False,
        continues: bool = False,
    ) -> None:
        """Begin with no stand-ins of `operator`, which may be one for each type.

        `keep` is for masks and `hash_key` for hashes, see `make_operator`. `reversible` says that a token will be
        asked for, which `cipher` makes; `one_way` that nothing will be restored, so that hashes of one value are equal
        in all its spellings. `continues` says that texts hold stand-ins of this session already, as the history of a
        conversation does: they stay, and are restored to the value. Raises ValueError for an unknown operator,
        MissingKeyError for a hash without a key and a token without a cipher, IrreversibleError for a token where no
        operator can be undone, UnusedKeepError for `keep` without a mask.
        """
        names = operator if isinstance(operator, PerType) else PerType(operator)
        if keep and "mask" not in names:
            raise UnusedKeepError
        self._name = "one-way hash" if one_way and names.default == "hash" else names.default
        self._operators = names.map(lambda name: make_operator(name, keep=keep, key=hash_key, one_way=one_way))
        self._unique = any(one.unique for one in self._operators)
        self._cipher, self._continues = cipher, continues
        self.replacement_map = ReplacementMap()
        if reversible and not self._unique:
            raise IrreversibleError(names.default)
        if reversible and cipher is None:
            raise MissingKeyError(_NO_CIPHER)

    def resume(self, token: str) -> None:
        """Go on with the stand-ins of an earlier session. Raises what `read_token` raises."""
        self.replacement_map = read_token(self._cipher, token)

    def redact(self, text: str, entities: Iterable[Entity], names: NameIndex | None = None) -> Redacted:
        """Replace `entities`, which are sorted and disjoint, in `text`; `names` are those of all texts with it."""
        known = self.replacement_map if self._unique else None
        return redact(text, entities, self._operators, known, names, continues=self._continues)

    def redact_all(self, predictions: Iterable[Prediction]) -> list[Redacted]:
        """Redact the text of every prediction, in order; a name in one of them may be a part of a name in another.

        What reads like a stand-in in one of them gets one of its own where another's stand-in is that.
        """
        predictions = list(predictions)
        together = not self._operators[EntityType.PERSON_NAME].stable
        names = person_names((prediction.text, prediction.entities) for prediction in predictions) if together else None
        redacted: list[Redacted] = []
        while True:
            before, redacted = redacted, [self.redact(one.text, one.entities, names) for one in predictions]
            if redacted == before or not self._unique:
                return redacted
            self.reserve(one.text for one in predictions)
            if len(predictions) < 2:
                return redacted

    def reserve(self, texts: Iterable[str]) -> None:
        """Let nothing that stands in `texts` already become a stand-in, where it is none so far."""
        for text in () if self._continues else texts:
            self.replacement_map.reserve(text)

    def redact_number(self, number: str, kind: EntityType) -> str:
        """The stand-in of a number of JSON as a whole.

        It is a number again where the operator makes up values and the number is written in digits alone.
        """
        operator = self._operators[kind]
        makes_up = isinstance(operator, Surrogate)
        if not operator.unique or (makes_up and number.isdigit()):
            made_up = self.redact(number, [Entity(0, len(number), kind)]).text
            if not operator.unique or is_number(made_up):
                return made_up
        return self.replacement_map.assign_number(kind, number, Pseudonym() if makes_up else operator)

    def reads_like_a_stand_in(self, number: str) -> bool:
        """Whether restoring would take the number `number` for a stand-in."""
        return self._unique and any(found.value is not None for found in self.replacement_map.find(number))

    def restore(self, text: str) -> Restored:
        """Put the values back wherever stand-ins of this session stand in `text`.

        Raises IrreversibleError where no operator can be undone.
        """
        self.check_way_back()
        return restore(text, self.replacement_map)

    def check_way_back(self) -> None:
        """Raise IrreversibleError where no operator can be undone."""
        if not self._unique:
            raise IrreversibleError(self._name)

    def token(self) -> str:
        """The stand-ins so far and their values, encrypted. Raises MissingKeyError without a cipher."""
        if self._cipher is None:
            raise MissingKeyError(_NO_CIPHER)
        return self._cipher.encrypt(self.replacement_map)


def read_token(cipher: TokenCipher | None, token: str) -> ReplacementMap:
    """The replacement map in `token`. Raises MissingKeyError without a cipher, TokenError as `TokenCipher.decrypt`."""
    if cipher is None:
        raise MissingKeyError(_NO_CIPHER)
    return cipher.decrypt(token)
