"""The same adapter behind a server and in this process: are the answers equal, and how fast is each?

    python scripts/compare_vllm.py --url http://127.0.0.1:8000/v1 --model pii --base BASE --adapter DIR \\
        --data FILE [--limit 200] [--engine vllm] [--runtime torch --dtype float32] [--concurrency 8] [--rounds 1]

It starts no server: docs/use/llm.md has the command. Each text whose entities differ is told by its number, with the
kinds of the differences and, from the tokens of both answers, the reason: where the answers part, and how probable the
two tokens were. A token of probability near that of the other's is a tie, which the order of sums decides. Then each
side searches all texts `--rounds` times, in turns. One JSON line comes last.
"""

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice, product
from math import exp
from pathlib import Path
from typing import Any

from eval.scores.counts import Counts, strict_counts
from pii_sft.cli.shared.table import print_table
from pii_sft.registry import parse_spec
from schemas.engine import Engine
from schemas.llm.align import align
from schemas.llm.codec import close_answer, decode_answer
from schemas.spans.entity import Entity, Example
from schemas.spans.prediction import Prediction
from schemas.spans.record import read_records
from schemas.taxonomy import DEFAULT_TYPES
from serving.engines.escapes import EscapeReader
from serving.engines.llm.answers import WrittenAnswer
from serving.engines.llm.engine import LlmEngine
from serving.engines.remote.grounded import GroundedEngine

Found = dict[str, list[Prediction]]
"""What was found in the texts, here and there."""
_NEAR = 0.05
"""Two tokens are a tie where their probabilities, each among the allowed tokens, are so near one another."""
_FORCED = 0.9999
"""llguidance allows one way alone to cut syntax into tokens, so that it has probability 1 there."""


def kinds(here: Prediction, there: Prediction) -> Iterator[str]:
    """How the entities that the server's model found differ from those found in this process."""
    ours, theirs = set(here.entities), set(there.entities)
    for entity in sorted(ours ^ theirs):
        side, others = ("here", theirs) if entity in ours else ("there", ours)
        same_span = any((entity.start, entity.end) == (other.start, other.end) for other in others)
        overlaps = any(entity.start < other.end and other.start < entity.end for other in others)
        kind = "type" if same_span else "borders" if overlaps else "only"
        yield f"{kind} {side}: {entity.type}"


def parting(here: WrittenAnswer, there: WrittenAnswer) -> tuple[int, float, float]:
    """The number of the first token in which two answers differ, and the probability of each side's."""
    for number, (ours, theirs) in enumerate(zip(here.tokens, there.tokens, strict=False)):
        if ours != theirs:
            return number, exp(here.log_probabilities[number]), exp(there.log_probabilities[number])
    return min(len(here.tokens), len(there.tokens)), 1.0, 1.0


def reason(text: str, here: WrittenAnswer, there: WrittenAnswer) -> str:
    """Why two answers about one text differ."""
    if len(here.tokens) == 0 or here.tokens == there.tokens[: len(here.tokens)]:
        return "segments"
    number, ours, theirs = parting(here, there)
    mentions = decode_answer(close_answer(there.answer))
    told = f"token {number}, p {ours:.3f} here and {theirs:.3f} there"
    if align(text, mentions).ungrounded:
        return f"repeated value ({told})"
    is_tie = abs(ours - theirs) < _NEAR and max(ours, theirs) < 0.5 + _NEAR
    return f"{'tie' if is_tie else 'forced token' if theirs > _FORCED > ours else 'other'} ({told})"


def f1(examples: Sequence[Example], predictions: Sequence[Prediction]) -> float:
    """Strict micro-F1 on the types that each example annotates."""
    return sum(strict_counts(examples, predictions, DEFAULT_TYPES).values(), Counts()).f1


def score_gaps(pairs: Sequence[tuple[Prediction, Prediction]]) -> list[float]:
    """How far the scores of entities that both found are apart."""
    gaps = []
    for here, there in pairs:
        scores: dict[Entity, float] = {found.entity: found.score for found in there.detections}
        gaps += [abs(found.score - scores[found.entity]) for found in here.detections if found.entity in scores]
    return gaps


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--model", required=True, help="the server's name for the adapter")
    parser.add_argument("--base", required=True)
    parser.add_argument("--adapter", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True, help="JSON Lines that `pii-sft data build` wrote")
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--engine", choices=("vllm", "sglang"), default="vllm")
    parser.add_argument("--runtime", choices=("torch", "onnx"), default="torch")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32", help="under torch")
    parser.add_argument("--concurrency", type=int, default=8)
    parser.add_argument("--timeout", type=float, default=1800.0, help="seconds of a request")
    parser.add_argument("--rounds", type=int, default=1)
    return parser.parse_args()


def load(arguments: argparse.Namespace) -> tuple[LlmEngine, GroundedEngine]:
    """The model in this process and the one behind the server, both without rules."""
    dtype = arguments.dtype if arguments.runtime == "torch" else None
    local = {"model": arguments.base, "adapter": arguments.adapter, "runtime": arguments.runtime, "dtype": dtype}
    served = {"model": f"{arguments.url}#{arguments.model}", "concurrency": arguments.concurrency}
    served |= {"timeout": arguments.timeout, "adapter": arguments.adapter}
    here = parse_spec("llm").changed({**local, "rules": False}).load().engine
    there = parse_spec(arguments.engine).changed({**served, "rules": False}).load().engine
    assert isinstance(here, EscapeReader) and isinstance(there, EscapeReader)
    assert isinstance(here.engine, LlmEngine) and isinstance(there.engine, GroundedEngine)
    return here.engine, there.engine


def search(engines: dict[str, Engine], texts: Sequence[str], rounds: int) -> tuple[Found, dict[str, float]]:
    """What each side finds, and how many texts a second it searches: the median of the rounds."""
    rates: dict[str, list[float]] = {side: [] for side in engines}
    found: Found = {}
    for number, (side, engine) in product(range(rounds), engines.items()):
        start = time.perf_counter()
        found[side] = engine.detect(texts)
        rates[side].append(len(texts) / (time.perf_counter() - start))
        print(f"round {number + 1}, {side}: {rates[side][-1]:.2f} texts/s", flush=True)
    return found, {side: round(statistics.median(each), 3) for side, each in rates.items()}


def differences(here: LlmEngine, there: GroundedEngine, texts: Sequence[str], found: Found) -> dict[str, Any]:
    """How many texts have the same entities, and how often they differ how and why; tells it of each text."""
    pairs = list(zip(found["here"], found["there"], strict=True))
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for number, (text, pair) in enumerate(zip(texts, pairs, strict=True)):
        if pair[0].entities == pair[1].entities:
            continue
        counts.update(told := list(kinds(*pair)))
        why = reason(text, here.answer([text], DEFAULT_TYPES)[0], there.answer(text, DEFAULT_TYPES))
        reasons[why.partition(" (")[0]] += 1
        print(f"text {number} ({len(text)} characters): {', '.join(told)}; {why}", flush=True)
    gaps = score_gaps(pairs)
    return {
        "equal": len(texts) - reasons.total(),
        "differences": dict(counts.most_common()),
        "reasons": dict(reasons.most_common()),
        "score_gap_median": statistics.median(gaps) if gaps else None,
        "score_gap_most": max(gaps, default=None),
    }


def main() -> None:
    arguments = read_arguments()
    examples = list(islice(read_records(arguments.data), arguments.limit))
    texts = [example.document.text for example in examples]
    here, there = load(arguments)
    found, rates = search({"here": here, "there": there}, texts, arguments.rounds)
    summary = {"texts": len(texts), **differences(here, there, texts, found)}
    for side, predictions in found.items():
        summary[f"entities_{side}"] = sum(len(each.entities) for each in predictions)
        summary[f"f1_{side}"] = round(f1(examples, predictions), 4)
        summary[f"texts_per_second_{side}"] = rates[side]
    summary |= {"runtime": arguments.runtime, "concurrency": arguments.concurrency}
    print_table(("", "value"), [(name, str(value)) for name, value in summary.items()])
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
