"""The LLM engine on this machine: grammar, what each way to save time brings, latency, throughput and memory.

    python scripts/bench_llm.py --model FOLDER [--adapter DIR] [--runtime torch] [--rows 8 64 256] [--texts 20]

Every ratio is of one process run. On a GPU the last table has throughput and memory by rows. One JSON line comes last.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import torch
from llguidance import LLMatcher, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from eval.speed.bench import text_of
from pii_sft.detector import Detector
from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.llm.codec import encode_answer
from schemas.taxonomy import DEFAULT_TYPES
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.constraint.constraint import Constraint
from serving.engines.llm.constraint.grammar import Grammar
from serving.engines.llm.constraint.lark import lark
from serving.engines.llm.constraint.syntax import Syntax
from serving.engines.llm.constraint.vocabulary import Vocabulary
from serving.engines.llm.engine import LlmEngine, LlmSettings
from serving.engines.llm.load import load_llm

_WAYS = {
    "plain loop": (LlmSettings(ahead=0), False, False),
    "kept prefix": (LlmSettings(ahead=0), True, False),
    "and syntax drafted": (LlmSettings(copy=False), True, False),
    "and values copied": (LlmSettings(), True, False),
    "and the tagger's answer": (LlmSettings(), True, True),
}
"""LlmSettings, whether the prefix is kept, and whether the tagger guesses; each way adds one to those before."""


def seconds(call: Callable[[], object]) -> float:
    """How long `call` takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def grammar_figures(chat: ChatTokenizer, length: int) -> dict[str, float]:
    """Milliseconds to make the grammar of a text, and microseconds of a mask: ours and llguidance's, medians of 20."""
    vocabulary = Vocabulary(chat.token_bytes(), chat.end)
    syntax = Syntax(vocabulary, DEFAULT_TYPES)
    tokenizer = LLTokenizer(chat.to_json(), eos_token=chat.end)
    mask = allocate_token_bitmask(1, tokenizer.vocab_size)
    made: dict[str, list[float]] = {"ours": [], "llguidance": []}
    masked: dict[str, list[float]] = {"ours": [], "llguidance": []}
    for shift in range(20):
        text = text_of(length, shift * 7)
        tokens = chat.encode(encode_answer(text, Detector.load().detect(text).entities))

        def ours(text: str = text) -> Grammar:
            grammar = Grammar(syntax, text)
            grammar.start.allowed()
            grammar._flat  # noqa: B018
            return grammar

        made["ours"].append(seconds(ours) * 1e3)
        made["llguidance"].append(seconds(lambda text=text: LLMatcher(tokenizer, lark(text, DEFAULT_TYPES))) * 1e3)  # type: ignore[misc]
        constraint: Constraint | None = ours().start
        matcher = LLMatcher(tokenizer, lark(text, DEFAULT_TYPES))
        for token in tokens:
            assert constraint is not None
            masked["ours"].append(seconds(constraint.allowed) * 1e6)
            fill = partial(fill_next_token_bitmask, matcher, mask, 0)
            masked["llguidance"].append(seconds(fill) * 1e6)
            constraint = constraint.advance(vocabulary.token_bytes[token])
            matcher.consume_token(token)
    figures: dict[str, float] = {}
    for name in made:
        figures |= {
            f"{name}_compile_ms": statistics.median(made[name]),
            f"{name}_mask_us": statistics.mean(masked[name]),
        }
    return figures


def ways_figures(detector: LlmEngine, texts: Sequence[str]) -> dict[str, dict[str, float]]:
    """Of each way: median and mean seconds a text, one after the other, and how many answers are the plain loop's."""
    tagger = Detector.load().engine
    plain: list[list[bytes]] = []
    figures = {}
    for name, (settings, keeps, guesses) in _WAYS.items():
        way = LlmEngine(detector.backend, detector.chat, settings, tagger if guesses else None)
        way.answer(["好"], DEFAULT_TYPES)
        times, answers = [], []
        for text in texts:
            if not keeps:
                detector.backend.prefixes.clear()  # type: ignore[attr-defined]
            start = time.perf_counter()
            (written,) = way.answer([text], DEFAULT_TYPES)
            times.append(time.perf_counter() - start)
            answers.append(list(written.tokens))
        plain = plain or answers
        same = sum(left == right for left, right in zip(plain, answers, strict=True))
        figures[name] = {"p50_s": statistics.median(times), "mean_s": statistics.mean(times), "same": same}
    return figures


def batch_figures(model: TorchBackend, detector: LlmEngine, texts: Sequence[str], rows: int) -> dict[str, float]:
    """Texts a second and peak GPU memory in GB, `rows` texts at a time."""
    model.rows = rows
    batch = list(texts) * (max(2 * rows, len(texts)) // len(texts) + 1)
    detector.detect(batch[:rows])
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    taken = seconds(lambda: detector.detect(batch))
    peak = torch.cuda.max_memory_allocated() / 1e9 if torch.cuda.is_available() else 0.0
    return {"texts_per_s": len(batch) / taken, "gpu_gb": peak}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--adapter", type=Path)
    parser.add_argument("--runtime", choices=("torch", "onnx"))
    parser.add_argument("--bits", type=int, choices=(4, 8), default=8)
    parser.add_argument("--rows", type=int, nargs="*", default=[])
    parser.add_argument("--texts", type=int, default=20)
    parser.add_argument("--length", type=int, default=100)
    arguments = parser.parse_args()
    detector = load_llm(arguments.model, arguments.adapter, runtime=arguments.runtime, bits=arguments.bits)
    print(detector.backend.description)
    figures: dict[str, object] = {"engine": detector.backend.description}
    for length in (100, 1000):
        found = grammar_figures(detector.chat, length)
        figures[f"grammar_{length}"] = found
        print(f"grammar of {length} characters: " + ", ".join(f"{name} {value:.2f}" for name, value in found.items()))
    texts = [text_of(arguments.length, shift * 13) for shift in range(arguments.texts)]
    ways = figures["ways"] = ways_figures(detector, texts)
    for name, row in ways.items():
        ratio = ways["plain loop"]["mean_s"] / row["mean_s"]
        print(f"{name:<26} p50 {row['p50_s']:.3f} s, mean {row['mean_s']:.3f} s, {ratio:.2f}x, {row['same']} same")
    for rows in arguments.rows:
        assert isinstance(detector.backend, TorchBackend), "batches need the runtime torch"
        figures[f"rows_{rows}"] = row = batch_figures(detector.backend, detector, texts, rows)
        print(f"{rows} rows: {row['texts_per_s']:.1f} texts/s, {row['gpu_gb']:.2f} GB")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
