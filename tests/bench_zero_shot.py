"""A model that was not trained on the task, four ways: free, under the schema, grounded, grounded with three examples.

    python tests/bench_zero_shot.py --model FOLDER --data FILE.jsonl [--texts 200] [--ways grounded ...]

Prints, for each, the share of answers that are valid JSON, values that are not in the text, items of an unknown type,
precision, recall, F1 and seconds a text, and one JSON line last.
"""

import argparse
import json
import re
import time
from itertools import islice
from pathlib import Path

from eval.scores import Counts, strict_counts
from pii_sft.llm import load_llm
from schemas.align import align
from schemas.codec import Mention
from schemas.entity import Example
from schemas.prediction import Detection, Prediction
from schemas.prompt import usual_types
from schemas.record import read_records
from schemas.taxonomy import EntityType
from serving.llm import LlmDetector, Settings
from serving.llm.shots import SHOTS

_FENCE = re.compile(r"```(?:json)?\s*(.*?)\s*(?:```)?", re.DOTALL)
_WAYS = {
    "free": Settings(constraint="none"),
    "schema": Settings(constraint="schema"),
    "grounded": Settings(),
    "grounded, formed": Settings(formed=True),
    "grounded, few-shot": Settings(shots=SHOTS),
}


def mentions_of(answer: str) -> tuple[bool, list[Mention], int]:
    """Whether `answer` (perhaps in a code fence) is JSON, what it names, and the number of items that name nothing."""
    fenced = _FENCE.fullmatch(answer.strip())
    try:
        items = json.loads(fenced.group(1) if fenced else answer)["entities"]
        pairs = [(str(item["type"]), str(item["value"])) for item in items]
    except (ValueError, KeyError, TypeError):
        return False, [], 0
    known = [Mention(EntityType(kind), value) for kind, value in pairs if kind in EntityType.__members__ and value]
    return True, known, len(pairs) - len(known)


def measure(detector: LlmDetector, examples: list[Example]) -> dict[str, float]:
    """Ask about each text on its own, in one piece."""
    total = Counts()
    valid = invented = unknown = named = 0
    detector.detect(["好"])
    start = time.perf_counter()
    for example in examples:
        text, types = example.document.text, usual_types(example)
        (written,) = detector.answer([text], types)
        is_json, mentions, strange = mentions_of(written.answer)
        grounded = align(text, mentions)
        found = tuple(Detection(entity, 1.0, "model") for entity in grounded.entities)
        total = sum(strict_counts([example], [Prediction(text, found)], types).values(), total)
        valid, invented, unknown = valid + is_json, invented + len(grounded.ungrounded), unknown + strange
        named += len(mentions)
    seconds = (time.perf_counter() - start) / len(examples)
    scores = {"precision": total.precision, "recall": total.recall, "f1": total.f1}
    counts = {"items": named, "invented": invented, "unknown_type": unknown}
    return {"valid_json": valid / len(examples), **counts, **scores, "seconds": seconds}


def main() -> None:
    """Measure each way and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bits", type=int, choices=(4, 8), default=8)
    parser.add_argument("--ways", nargs="+", choices=_WAYS, default=list(_WAYS))
    parser.add_argument("--texts", type=int, default=200)
    arguments = parser.parse_args()
    examples = list(islice(read_records(arguments.data), arguments.texts))
    model = load_llm(arguments.model, runtime="onnx", bits=arguments.bits)
    figures = {}
    for name in arguments.ways:
        figures[name] = measure(model.with_settings(_WAYS[name]), examples)
        print(name, " ".join(f"{key} {value:.3f}" for key, value in figures[name].items()), flush=True)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
