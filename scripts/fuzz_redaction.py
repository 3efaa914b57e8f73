"""Random texts redacted and restored: `python -m scripts.fuzz_redaction [TEXTS] [SEED]`.

Chinese, emoji, quotes, control characters, literal stand-ins; random entities; sessions of several texts; every
operator with a way back. Every text must come back exactly, through an encrypted token. Exits 1 at the first fault.
"""

import random
import sys
from itertools import pairwise

from schemas.spans.entity import Entity
from schemas.taxonomy import ALL_TYPES
from scripts.fuzz_detection import run
from scripts.fuzz_llm import random_text
from serving.redaction import OperatorName, RedactionSession, TokenCipher, read_token, restore

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
    cipher = TokenCipher([TokenCipher.new_key()])
    token = ""

    def check(number: int, rng: random.Random, text: str) -> int:
        nonlocal token
        session = RedactionSession(OPERATORS[number // 8 % 3], hash_key=b"key", cipher=cipher, reversible=True)
        if number % 8:  # eight texts are a session
            session.resume(token)
        redacted = session.redact(text, random_entities(rng, text))
        token = session.token()
        assert restore(redacted.text, read_token(cipher, token)).text == text, "does not come back"
        return len(redacted.stand_ins)

    characters, stand_ins = run(texts, seed, marked_text, check)
    print(f"{texts} texts, {characters} characters, {stand_ins} stand-ins, all came back exactly")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
