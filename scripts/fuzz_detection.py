"""Random texts through the whole detector: `python scripts/fuzz_detection.py [TEXTS] [SEED]`.

Any Unicode, 0 to 20,000 characters: mostly short texts, three in a hundred log-uniform up to the longest. Every
response must slice to its values, be sorted and hold no overlap. Prints the counts; exits 1 at the first fault.
"""

import math
import random
import sys
from collections.abc import Callable

from pii_sft import Detector
from schemas.taxonomy import ALL_TYPES

LONGEST = 20_000
PLACES = (
    "张三李四北京市朝阳区建国路号楼室电话身份证银行卡，。：",
    "0123456789 -.:/@",
    "abcdefgXYZ_",
    "０１２３ＡＢ\u3000",
    "\r\n\t \x00\x1b",
)


def random_text(rng: random.Random) -> str:
    length = rng.randint(0, 60) if rng.random() < 0.97 else int(math.exp(rng.uniform(math.log(60), math.log(LONGEST))))
    return "".join(random_run(rng) for _ in range(length // 4 + 1))[:length]


def random_run(rng: random.Random) -> str:
    """Four characters of one kind: from a place of the alphabet that matters, or any code points but surrogates."""
    if rng.random() < 0.8:
        return "".join(rng.choices(rng.choice(PLACES), k=4))
    return "".join(chr(code + 0x800 if code >= 0xD800 else code) for code in rng.choices(range(0x110000 - 0x800), k=4))


def check(detector: Detector, text: str) -> int:
    """Raise AssertionError when a response breaks a rule; return its number of entities."""
    entities = detector.detect(text, ALL_TYPES).to_dict()["entities"]
    previous_end = 0
    for entity in entities:
        assert entity["value"] == text[entity["start"] : entity["end"]], "value differs from the text"
        assert previous_end <= entity["start"] < entity["end"] <= len(text), "out of order or overlapping"
        assert 0 <= entity["score"] <= 1, "score outside [0, 1]"
        previous_end = entity["end"]
    return len(entities)


def run(
    texts: int, seed: int, make: Callable[[random.Random], str], look: Callable[[int, random.Random, str], int]
) -> tuple[int, int]:
    """Make texts and look at each, with its number and what made it; exits 1, naming the text, at the first fault.

    Returns the characters of all texts, and the sum of what `look` gave.
    """
    characters = found = 0
    for number in range(texts):
        rng = random.Random(f"{seed}-{number}")
        text = make(rng)
        try:
            found += look(number, rng, text)
        except Exception as error:
            sys.exit(f"text {number} of seed {seed}, {len(text)} characters: {type(error).__name__}: {error}")
        characters += len(text)
    return characters, found


def main(texts: int = 20_000, seed: int = 0) -> None:
    detector = Detector.load()
    characters, entities = run(texts, seed, random_text, lambda _, __, text: check(detector, text))
    print(f"{texts} texts, {characters} characters, {entities} entities, no fault")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
