"""Names of accounts, passwords and mail addresses as people choose them, of words."""

import random
import string

from data_builders.synth.names.latin import SYLLABLES
from data_builders.synth.word_lists import words
from schemas.formats import web
from schemas.formats.draw import ALNUM, chars, digits

_WORDS = words("words")
_NICKNAMES = words("nicknames")


def handle(rng: random.Random) -> str:
    """A Latin account name built as people build them."""
    name = "".join(rng.choices(SYLLABLES, k=rng.choice([1, 2, 2, 3])))
    year, number = str(rng.randint(1965, 2010)), digits(rng, rng.randint(1, 5))
    word = rng.choice(_WORDS)
    return rng.choice(
        [
            name + year,
            name + number,
            f"{name}_{number}",
            f"{word}{number}",
            f"{word}_{name}",
            f"{name}.{rng.choice(SYLLABLES)}{number}",
            f"{name}-{word}{number[:2]}",
            name.title() + number,
            chars(rng, string.ascii_lowercase, rng.randint(5, 9)) + number[:2],
        ]
    )


def username(rng: random.Random) -> str:
    """The name of an account: Latin mostly, a quarter Chinese nicknames."""
    if rng.random() < 0.25:
        return (
            rng.choice(_NICKNAMES)
            + rng.choice(["", "的", "_", "爱"])
            + rng.choice(_NICKNAMES)
            + rng.choice(["", digits(rng, 2), digits(rng, 3)])
        )
    return handle(rng)


def password(rng: random.Random) -> str:
    """A password as people choose them, or a generated one."""
    word, number, sign = rng.choice(_WORDS), digits(rng, rng.randint(2, 6)), rng.choice("!@#$%&*_.?")
    name = rng.choice(SYLLABLES)
    return rng.choice([
        f"{word.title()}{sign}{number}", f"{name}{number}", f"{word}{number}{sign}", f"{name.title()}{rng.choice(SYLLABLES)}@{number}", digits(rng, 6), digits(rng, 8),
        chars(rng, ALNUM + "!@#$%^&*", rng.randint(8, 16)), f"{word[:2].upper()}{number}{sign}{name}", chars(rng, ALNUM, rng.randint(8, 12)), f"P@ss{word}{number}", f"{sign}{name}{word}{number}",
    ])  # fmt: skip


def one_time_code(rng: random.Random) -> str:
    """A verification code of four to six digits."""
    return chars(rng, string.digits, rng.choice([4, 6, 6, 6]))


def email(rng: random.Random) -> str:
    """An e-mail address of such an account."""
    return web.email(rng, handle, _company, lambda rng: rng.choice(_WORDS))


def _company(rng: random.Random) -> str:
    return rng.choice(SYLLABLES) + rng.choice([*SYLLABLES, "tech", "soft", "group", "bio", "media", "net"])
