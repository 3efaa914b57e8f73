"""What a format is: how the values of a type are written, checked, compared and made up."""

import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from schemas.formats.draw import Draw
from schemas.text.fold import fold

GIVEN_CHARACTERS = "娜婷雯琳琪瑶倩茜薇莹颖璐珊媛娟磊鑫昊彤妍骏晖煜皓睿钰铭炜琦晗晟恺淼婧姝萱嫣旻昱珂珏璇瑾瑜瑛祺绮芮"
"""Chinese characters of given names, which stand for others in surrogates: those that two by two make no words."""
HAN = re.compile(r"[㐀-鿿]")
_TRIES = 3000

Like = Callable[[str, Random], str]
"""Makes a value up in the form of another one."""


def compact(value: str) -> str:
    """Letters and digits alone, in upper case: the normal form of most numbers."""
    return "".join(filter(str.isalnum, value.upper()))


def unchecked(value: str) -> bool | None:
    """The check of a format that has none."""
    return None


def same_form(value: str, random: Random) -> str:
    """A random character of the same kind for each: a zero stays, other digits and letters change, all else stays.

    Characters of other scripts become Chinese ones, or Latin letters where the script has letters of two cases.
    """
    return "".join(_like(char, random) for char in value)


def _like(char: str, random: Random) -> str:
    if char in "0０" or not char.isalnum():
        return char
    if "０" < char <= "９":
        return random.choice("１２３４５６７８９")
    if char.isdigit():
        return random.choice("123456789")
    if not (char.isupper() or char.islower()):
        return random.choice(GIVEN_CHARACTERS)
    return random.choice(string.ascii_uppercase if char.isupper() else string.ascii_lowercase)


def keep_start(kept: int) -> Like:
    """As `same_form`, but the first `kept` letters and digits stay: they say which carrier, bank or country it is."""

    def like(value: str, random: Random) -> str:
        places = [at for at, char in enumerate(value) if char.isalnum()]
        end = places[kept - 1] + 1 if len(places) > kept else 0
        tail = "".join(
            random.choice(string.digits) if char.isdecimal() and char.isascii() else _like(char, random)
            for char in value[end:]
        )
        return value[:end] + tail

    return like


def hexadecimal(value: str, random: Random) -> str:
    """Other hexadecimal digits in the case of `value`; all else stays."""
    alphabet = "0123456789ABCDEF" if value.isupper() else "0123456789abcdef"
    return re.sub(r"[0-9A-Fa-f]", lambda _: random.choice(alphabet), value)


@dataclass(frozen=True, slots=True)
class Format:
    """The form of the values of one type.

    Attributes:
        draw: makes a value up as texts have it; its check digits may be wrong where those of texts are.
        check: whether a folded value has the form and the check digits; None where this form has no check.
        normal: the canonical string of a folded value.
        like: makes a value up in the form of another one.
        groupings: sizes of the groups in which people write plain digits; the last size repeats.
        pattern: regex of values that the rules take wherever the check holds; empty where they need a word before them
            or other borders (`serving.engines.rules.patterns`).
        form: regex of all that a folded value of the type can be, abroad too and with a wrong check digit; empty where
            that is almost anything. What a model marks is cut to it (`serving.engines.fitting`).
    """

    draw: Draw
    check: Callable[[str], bool | None] = unchecked
    normal: Callable[[str], str] = compact
    like: Like = same_form
    groupings: tuple[tuple[int, ...], ...] = ()
    pattern: str = ""
    form: str = ""

    def validate(self, value: str) -> bool | None:
        """Check `value`, as it is written in a text: True when it passes, False when it fails, None without a check."""
        return self.check(fold(value).strip())

    def normal_form(self, value: str) -> str:
        """The string by which two spellings of a value are equal."""
        return self.normal(fold(value).strip())

    def example(self, random: Random) -> str:
        """A made-up value whose check does not fail."""
        while self.validate(value := self.draw(random)) is False:
            pass
        return value

    def surrogate(self, value: str, random: Random) -> str:
        """A made-up value in the form of `value`, which passes the check where `value` does.

        It may fail, or be `value` itself, when none is found in 3,000 tries.
        """
        other = self.like(value, random)
        if self.validate(value):
            for _ in range(_TRIES):
                if other != value and self.validate(other):
                    break
                other = self.like(value, random)
        return other
