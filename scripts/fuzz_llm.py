"""Random texts through the LLM engine with random weights: `python -m scripts.fuzz_llm [TEXTS] [SEED]`.

Chinese, emoji, quotes, backslashes, control characters, rare Han and any other Unicode, 0 to 3,000 characters. Every
answer must be JSON of the answer's schema and ground in the text, no two values in one place, and be whole within its
budget or asked again in parts; every response must keep the rules of `scripts/fuzz_detection.py`.
Exits 1 at the first fault.
"""

import json
import random
import sys
from collections.abc import Sequence

from jsonschema import Draft202012Validator

from pii_sft.detector import Detector
from schemas.json_schema import answer_schema
from schemas.llm.align import align
from schemas.llm.codec import close_answer, decode_answer
from schemas.taxonomy import ALL_TYPES, EntityType
from scripts.fuzz_detection import check, random_run, run
from serving.engines.llm.engine import LlmEngine, LlmSettings
from tests.serving.engines.llm.tiny import CHAT, tiny_model

LONGEST = 3000
_RARE = '"\\\b\f😀👨‍👩‍👧𠮷𪚥㐂{}[],:'


def random_text(rng: random.Random) -> str:
    length = rng.randint(0, LONGEST) if rng.random() < 0.5 else rng.randint(0, 100)
    runs = ("".join(rng.choices(_RARE, k=4)) if rng.random() < 0.3 else random_run(rng) for _ in range(length // 4 + 1))
    return "".join(runs)[:length]


def check_answer(detector: LlmEngine, text: str, types: Sequence[EntityType]) -> bool:
    """Raise AssertionError when the answer about `text` breaks a rule; return whether it was whole."""
    (written,) = detector.answer([text], types)
    assert len(written.tokens) <= 128 + len(text) or len(text) <= 32, "over the budget"
    answer = close_answer(written.answer)
    whole = answer == written.answer
    assert whole or len(written.tokens) == 128 + len(text), "cut off within the budget"
    Draft202012Validator(answer_schema(types)).validate(json.loads(answer))
    grounded = align(text, decode_answer(answer))
    assert not grounded.ungrounded, "a value that is not in the text"
    values = [text[entity.start : entity.end] for entity in grounded.entities]
    written_values = [mention.value for mention in decode_answer(answer)]
    assert values == [written_values[number] for number in grounded.order], "a value is not where it stands"
    return whole


def main(texts: int = 5000, seed: int = 0) -> None:
    few = LlmEngine(tiny_model(), CHAT)
    engines = (few, few.with_settings(LlmSettings(bias=50.0)))  # the second goes on to the end of a text
    whole = 0

    def look(number: int, rng: random.Random, text: str) -> int:
        nonlocal whole
        engine = engines[number % 2 if len(text) <= 100 else 0]
        whole += check_answer(engine, text[:1000], rng.sample(ALL_TYPES, rng.randint(1, len(ALL_TYPES))))
        return check(Detector(engine), text)

    characters, entities = run(texts, seed, random_text, look)
    print(f"{texts} texts, {characters} characters, {whole} answers whole at once, {entities} entities, no fault")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
