"""Names in Latin script: English, Hanyu Pinyin, and as romanised in Hong Kong and Taiwan."""

import random

from faker.providers.person.en_US import Provider as EnglishNames

from data_builders.synth.word_lists import words

SYLLABLES = words("syllables")
_PINYIN_SURNAMES = words("pinyin_surnames")
_CANTONESE_SURNAMES = words("cantonese_surnames")
_CANTONESE_GIVEN = words("cantonese_given")
_FIRST_NAMES = tuple(EnglishNames.first_names)
_LAST_NAMES = tuple(EnglishNames.last_names)


def pinyin_name(rng: random.Random) -> str:
    """A name of the mainland in Hanyu Pinyin: Zhang San, ZHANG San, San Zhang, Zhang, San, zhangsan."""
    family, given = rng.choice(_PINYIN_SURNAMES).title(), "".join(rng.choices(SYLLABLES, k=rng.choice([1, 2, 2])))
    title = given.title()
    forms = [f"{family} {title}", f"{title} {family}", f"{family.upper()} {title}", f"{family}, {title}"]
    return rng.choices([*forms, f"{family}{title}", f"{family}{given}".lower()], weights=[5, 4, 3, 1, 1, 1])[0]


def romanised_name(rng: random.Random) -> str:
    """A name as Hong Kong and Taiwan romanise it: Chan Tai Man, Tai-Man Chan, CHAN Tai-man, Jacky Chan."""
    family, first = rng.choice(_CANTONESE_SURNAMES), rng.choice(_FIRST_NAMES)
    one, two = rng.choices(_CANTONESE_GIVEN, k=2)
    return rng.choice(
        [f"{family} {one} {two}"] * 3
        + [f"{one}-{two} {family}", f"{family.upper()} {one}-{two.lower()}", f"{family}, {one} {two}"]
        + [f"{first} {family}", f"{first} {family} {one} {two}"]
    )


def english_name(rng: random.Random) -> str:
    """A name in Latin script: English mostly, a quarter Chinese."""
    draw = rng.random()
    if draw < 0.25:
        return pinyin_name(rng) if draw < 0.18 else romanised_name(rng)
    first, last = rng.choice(_FIRST_NAMES), rng.choice(_LAST_NAMES)
    middle = f" {rng.choice('ABCDEFGHJKLMNPRSTW')}." if rng.random() < 0.12 else ""
    name = rng.choice([f"{first}{middle} {last}"] * 6 + [first, f"{last}, {first}", f"{first[0]}. {last}"])
    return rng.choices([name, name.lower(), name.upper()], weights=[90, 6, 4])[0]
