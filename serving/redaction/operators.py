"""Operators: what they put in the place of a personal value."""

import hashlib
import hmac
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Literal, Protocol, get_args

from schemas.errors import PiiSftError
from schemas.taxonomy import EntityType
from schemas.text.fold import fold
from serving.redaction.forms import meant
from serving.redaction.labels import label
from serving.redaction.linking import normal_form
from serving.redaction.surrogates import fitting_surrogate, is_distinct, surrogate

OperatorName = Literal["label", "mask", "hash", "pseudonym", "keyed", "surrogate"]
OPERATORS: tuple[OperatorName, ...] = get_args(OperatorName)
_DIGEST, _FORM_DIGEST = 12, 4
"""Hexadecimal digits of a hash, and of what tells its forms apart."""
_CODE, _CODE_LETTERS = 5, "23456789bcdfghjkmnpqrstvwxz"
"""Letters of a keyed pseudonym, and those that it may have: no vowels, so that it is no word, and none alike."""


_RARE = 10
"""Tries after which a made-up name gets longer, since those of its length are nearly used up."""
_SECRETS = frozenset({EntityType.PASSWORD, EntityType.SECRET_KEY})
"""Types whose punctuation a mask hides too."""


class MissingKeyError(PiiSftError, ValueError):
    """A redaction that needs a key, where there is none."""


class UnusedKeepError(PiiSftError, ValueError):
    """A number of characters to keep, where no operator is a mask."""

    def __init__(self) -> None:
        super().__init__("keep is for masks, and no style here is mask")


class IrreversibleError(PiiSftError, ValueError):
    """A way back from an operator that gives different values the same stand-in."""

    def __init__(self, operator: str) -> None:
        super().__init__(f"{operator} cannot be undone; use pseudonym, keyed, surrogate or hash")


@dataclass(frozen=True, slots=True)
class Form:
    """A value that has a stand-in, whose other forms (spellings, parts of a name) get stand-ins that fit it."""

    value: str = field(repr=False)
    stand_in: str = field(repr=False)
    number: int
    """That of the value among those of its type."""
    forms: int
    """How many stand-ins the value has."""


class Operator(Protocol):
    """Makes stand-ins.

    A `value` is written as in its text, a number of JSON as `forms.marked_number` has it. `tries` says how many of its
    stand-ins are taken already.
    """

    @property
    def unique(self) -> bool:
        """Whether different values get different ones, so that there is a way back."""
        ...

    @property
    def stable(self) -> bool:
        """Whether stand-ins depend on no other text, so that records of several sessions can be joined by them."""
        ...

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """The stand-in for `value`, which is the `number`th of `kind` that gets one.

        `by_surname` says that texts call the person of that name by the surname as well.
        """
        ...

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """The stand-in for another form of the value of `base`."""
        ...


@dataclass(frozen=True, slots=True)
class Label:
    """The type alone: `[PERSON_NAME]`."""

    unique: bool = False
    stable: bool = True

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """As `Operator` has it."""
        return label(kind)

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """As `Operator` has it."""
        return label(kind)


@dataclass(frozen=True, slots=True)
class Mask:
    """An asterisk for every letter and digit but the last `keep`, of which half stay at most: `***-****-8000`.

    Of a secret, and of a value that is half of other signs or more, every sign counts as one but white space.
    """

    keep: int = 0
    unique: bool = False
    stable: bool = True

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """As `Operator` has it."""
        signs = [position for position, char in enumerate(value) if not char.isspace()]
        folded = fold(value)
        letters = [position for position in signs if unicodedata.category(folded[position])[0] in "LMN"]
        positions = signs if kind in _SECRETS or 2 * len(letters) <= len(signs) else letters
        shown = 0 if kind in _SECRETS else min(self.keep, len(positions) // 2)
        hidden = set(positions[: len(positions) - shown])
        return "".join("*" if at in hidden else char for at, char in enumerate(value))

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """As `Operator` has it."""
        return self.stand_in(kind, value, base.number)


@dataclass(frozen=True, slots=True)
class Hash:
    """The type and 48 bits of a keyed digest (HMAC-SHA-256): `[PERSON_NAME_3f2a90c1b7d4]`, the same under a key.

    All forms of a value have the same digest. Where `unique` a form other than the normal one has 16 bits more behind
    it, so that it can be restored as it is written: `[PHONE_NUMBER_3f2a90c1b7d4_9c1e]`.
    """

    key: bytes = field(repr=False)
    unique: bool = True
    stable: bool = True

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """As `Operator` has it."""
        return self._stand_in(kind, value, normal_form(kind, meant(value)), tries)

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """As `Operator` has it."""
        return self._stand_in(kind, value, normal_form(kind, base.value), tries)

    def _stand_in(self, kind: EntityType, value: str, normal: str, tries: int) -> str:
        digest = self._digest(kind, normal, _DIGEST)
        if (value == normal and not tries) or not self.unique:
            return label(kind, digest)
        return label(kind, digest, self._digest(kind, value + tries * "\0", _FORM_DIGEST))

    def _digest(self, kind: EntityType, value: str, digits: int) -> str:
        return hmac.new(self.key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:digits]


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """The type and a number: `[PERSON_NAME_1]`; another form has one more: `[PERSON_NAME_1_2]`."""

    unique: bool = True
    stable: bool = False

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """As `Operator` has it."""
        return label(kind, number + tries)

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """As `Operator` has it."""
        return label(kind, base.number, base.forms + 1 + tries)


@dataclass(frozen=True, slots=True)
class Keyed:
    """The type and a short code that follows from the value under a key: `[PERSON_NAME_kp3x9d]`, in every session.

    A form has two digits more behind it: `[PERSON_NAME_kp3x9d_42]`. Where two values of a session share a code, which
    one pair in 14 million does, the second has a numbered label.
    """

    key: bytes = field(repr=False)
    unique: bool = True
    stable: bool = False

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """As `Operator` has it."""
        return label(kind, self._code(kind, meant(value)))

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """As `Operator` has it."""
        return label(kind, self._code(kind, base.value), self._digest(kind, value + tries * "\0") % 90 + 10)

    def _code(self, kind: EntityType, value: str) -> str:
        digest, letters = self._digest(kind, normal_form(kind, value)), []
        for _ in range(_CODE):
            digest, letter = divmod(digest, len(_CODE_LETTERS))
            letters.append(_CODE_LETTERS[letter])
        return f"k{''.join(letters)}"

    def _digest(self, kind: EntityType, value: str) -> int:
        return int.from_bytes(hmac.new(self.key, f"{kind}\0{value}".encode(), hashlib.sha256).digest())


@dataclass(frozen=True, slots=True)
class Surrogate:
    """A made-up value of the same form, whose check digits hold where those of the value do, drawn from `random`.

    One that is so short that it could stand in any text is a label.
    """

    random: Random = field(default_factory=secrets.SystemRandom)
    unique: bool = True
    stable: bool = False

    def stand_in(self, kind: EntityType, value: str, number: int, tries: int = 0, *, by_surname: bool = False) -> str:
        """As `Operator` has it."""
        plain = meant(value)
        made_up = surrogate(kind, plain, self.random, by_surname=by_surname, longer=tries >= _RARE)
        return made_up if is_distinct(kind, made_up, plain) else label(kind, number + tries)

    def form(self, kind: EntityType, value: str, base: Form, tries: int = 0) -> str:
        """As `Operator` has it; a form that cannot be made to fit gets a surrogate of its own."""
        if base.stand_in.startswith(f"[{kind}_"):
            return label(kind, base.number, base.forms + 1 + tries)
        plain = meant(value)
        fitting = fitting_surrogate(kind, plain, base.value, base.stand_in, self.random)
        return fitting if is_distinct(kind, fitting, plain) else self.stand_in(kind, value, base.number, tries)


def make_operator(name: OperatorName, *, keep: int = 0, key: bytes = b"", one_way: bool = False) -> Operator:
    """The operator of that name; `keep` is for masks, `key` for hashes and keyed pseudonyms.

    `one_way` says that no text will be restored. Raises ValueError for another name, MissingKeyError where a key is
    needed and there is none.
    """
    if name not in OPERATORS:
        raise ValueError(f"no operator {name}; there are {', '.join(OPERATORS)}")
    if name in ("hash", "keyed") and not key:
        raise MissingKeyError("hashes and keyed pseudonyms need a key")
    operators: Mapping[OperatorName, Operator] = {
        "label": Label(),
        "mask": Mask(keep),
        "hash": Hash(key, unique=not one_way),
        "pseudonym": Pseudonym(),
        "keyed": Keyed(key),
        "surrogate": Surrogate(),
    }
    return operators[name]
