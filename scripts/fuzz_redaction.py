"""Random texts redacted and restored: `python -m scripts.fuzz_redaction [TEXTS] [SEED]`.

Chinese, emoji, quotes, control characters, literal stand-ins; random entities; sessions of several texts; every style
with a way back. Every text must come back exactly, through a sealed token. Exits 1 at the first fault.
"""

import random
import sys
from itertools import pairwise

from schemas.spans.entity import Entity
from schemas.taxonomy import ALL_TYPES
from scripts.fuzz_detection import run
from scripts.fuzz_llm import random_text
from serving.redaction import OperatorName, ReplacementMap, TokenCipher, make_operator, redact, restore

OPERATORS: tuple[OperatorName, ...] = ("pseudonym", "surrogate", "hash")
_LITERAL = ("[PERSON_NAME_1]", "[PHONE_NUMBER_2]", "[PERSON_NAME_", "1]", "张三", "13800138000")


def random_entities(rng: random.Random, text: str) -> list[Entity]:
    cuts = sorted(rng.sample(range(len(text) + 1), min(len(text) + 1, rng.randint(0, 20))))
    return [Entity(start, end, rng.choice(ALL_TYPES)) for start, end in pairwise(cuts) if rng.random() < 0.5]


def marked_text(rng: random.Random) -> str:
    text = random_text(rng)[:1000]
    for _ in range(rng.randint(0, 3)):
        at = rng.randint(0, len(text))
        text = text[:at] + rng.choice(_LITERAL) + text[at:]
    return text


def main(texts: int = 10_000, seed: int = 0) -> None:
    sealer = TokenCipher([TokenCipher.new_key()])
    token = ""

    def look(number: int, rng: random.Random, text: str) -> int:
        nonlocal token
        style = make_operator(OPERATORS[number // 8 % 3], key=b"key")
        book = sealer.open(token) if number % 8 else ReplacementMap()  # eight texts are a session
        made = redact(text, random_entities(rng, text), style, book)
        token = sealer.seal(book)
        assert restore(made.text, sealer.open(token)) == text, "does not come back"
        return len(made.stand_ins)

    characters, stand_ins = run(texts, seed, marked_text, look)
    print(f"{texts} texts, {characters} characters, {stand_ins} stand-ins, all came back exactly")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
