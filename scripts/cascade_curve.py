"""What a cascade finds and costs, by the share of texts that its first engine sends on to the second.

    python scripts/cascade_curve.py --data written-validation.jsonl --second llm:BASE+run --limit 400

Both engines read all texts, one after the other, on all cores. Then each limit `ask-below` is tried on their answers:
the one with the best F1 on every other text is chosen, and reported on the rest. The last line is JSON.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

from eval.dataset import open_dataset
from eval.scores.counts import Counts, count, scored_entities, strict_counts
from pii_sft.registry import parse_spec
from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Example
from schemas.spans.prediction import Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType
from serving.engines.cascade import CascadeEngine

BATCH = 16
LIMITS = [0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 1.01]


class Replay(UnbiasedEngine):
    """The answers that an engine gave, and how many texts it was asked about."""

    def __init__(self, answers: dict[str, Prediction]) -> None:
        self.answers, self.asked = answers, 0

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        self.asked += len(texts)
        return [self.answers[text] for text in texts]


def read(spec: str, texts: list[str]) -> tuple[dict[str, Prediction], float]:
    """The predictions of an engine, and milliseconds a text."""
    engine = parse_spec(spec).load().engine
    engine.detect(texts[:2])
    start = time.perf_counter()
    answers: dict[str, Prediction] = {}
    for first in range(0, len(texts), BATCH):
        part = texts[first : first + BATCH]
        answers |= dict(zip(part, engine.detect(part), strict=True))
        print(f"\r{spec}: {len(answers)} of {len(texts)}", end="", flush=True)
    print()
    return answers, 1000 * (time.perf_counter() - start) / len(texts)


def row(examples: list[Example], first: Replay, second: Replay, limit: float) -> dict[str, float]:
    second.asked = 0
    texts = [example.document.text for example in examples]
    found = CascadeEngine(first, second, 0.0, limit).detect(texts)
    counts = sum(strict_counts(examples, found, DEFAULT_TYPES).values(), Counts())
    pairs = (scored_entities(*pair, DEFAULT_TYPES) for pair in zip(examples, found, strict=True))
    characters = sum((each for pair in pairs for each in count(*pair, "characters").values()), Counts())
    figures = {"sent": second.asked / len(texts), "precision": counts.precision, "recall": counts.recall}
    return {"limit": limit, **figures, "f1": counts.f1, "hidden": characters.recall}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="records with at most 1,000 characters a text")
    parser.add_argument("--first", default="tagger")
    parser.add_argument("--second", required=True)
    parser.add_argument("--limit", type=int, default=400, help="texts (default: 400)")
    arguments = parser.parse_args()
    examples = [example for example in open_dataset(arguments.data) if len(example.document.text) <= 1000]
    examples = examples[: arguments.limit]
    if len(examples) < 2:
        parser.error(f"{arguments.data}: needs two texts of at most 1,000 characters")
    texts = [example.document.text for example in examples]
    (one, fast), (two, slow) = read(arguments.first, texts), read(arguments.second, texts)
    engines = Replay(one), Replay(two)
    curve = [row(examples, *engines, limit) for limit in LIMITS]
    chosen = max((row(examples[::2], *engines, limit) for limit in LIMITS), key=lambda each: each["f1"])["limit"]
    rest = [row(examples[1::2], *engines, limit) for limit in (0.0, chosen, LIMITS[-1])]
    print("ask-below   sent on  precision  recall     F1  hidden  ms a text")
    for each in curve:
        cost = fast + each["sent"] * slow
        print(
            f"{each['limit']:9.3f}  {each['sent']:8.3f}  {each['precision']:9.3f}  {each['recall']:6.3f}  "
            f"{each['f1']:5.3f}  {each['hidden']:6.3f}  {cost:9.1f}"
        )
    print(f"chosen on every other text: {chosen:g}; on the rest, F1 without, with, with all sent:")
    print("  ".join(f"{each['f1']:.3f}" for each in rest))
    print(json.dumps({"ms": [fast, slow], "curve": curve, "chosen": chosen, "rest": rest}))


if __name__ == "__main__":
    main()
