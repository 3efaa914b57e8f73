"""Masked values such as 138****0000 or 王某: no entities, since they no longer tell who is meant."""

import random
import string

from data_builders.synth.names.chinese import surname
from schemas.formats.draw import chars, digits
from schemas.formats.phone import MOBILE_PREFIXES


def masked_phone(rng: random.Random) -> str:
    """A mobile number with its middle hidden."""
    head, tail = rng.choice(MOBILE_PREFIXES), chars(rng, string.digits, 4)
    stars = rng.choice(["****", "****", "****", "xxxx", "XXXX", "＊＊＊＊"])
    return rng.choice(
        [f"{head}{stars}{tail}"] * 4 + [f"{head} {stars} {tail}", f"{head}-{stars}-{tail}", f"*******{tail}"]
    )


def masked_id(rng: random.Random) -> str:
    """A resident ID number of which head and tail are left."""
    number = chars(rng, "123456", 1) + chars(rng, string.digits, 5)
    tail = chars(rng, string.digits, 3) + rng.choice(string.digits + "X")
    month = f"{rng.randint(1950, 2010)}{rng.randint(1, 12):02}"
    forms = [f"{number}********{tail}", f"{number[:3]}***********{tail}", f"{number[:4]}**********{tail}"]
    forms += [f"{number[0]}****************{tail[-1]}", f"{number}{month}******", f"{number}xxxxxxxx{tail}"]
    return rng.choice(forms)


def masked_card(rng: random.Random) -> str:
    """A bank card of which the last four digits are left."""
    tail, head = chars(rng, string.digits, 4), "6" + digits(rng, 3)
    forms = [f"尾号{tail}", f"尾号{tail}", f"尾号为{tail}", f"**** **** **** {tail}", f"{head}********{tail}"]
    return rng.choice([*forms, f"{head} **** **** {tail}", f"************{tail}", f"***{tail}"])


def masked_name(rng: random.Random) -> str:
    """A surname with stars or 某 for the given name."""
    return surname(rng) + rng.choice(["*", "**", "某", "某某", "某", "＊", "XX", f"*{rng.choice('华明强丽军')}"])


MASKED = {
    "masked_phone": masked_phone,
    "masked_id": masked_id,
    "masked_card": masked_card,
    "masked_name": masked_name,
}
"""Fillers by the name of their slot."""
