"""What the report says of speed, memory, cost and general ability."""

from collections.abc import Iterator
from typing import Any

from eval.figures import Figures
from eval.report.names import everyone, everyone_named, named
from eval.report.tables import escape, table
from schemas.text.length_buckets import LENGTH_BUCKETS


def general_ability(figures: Figures) -> Iterator[str]:
    """Perplexities before and after fine-tuning; nothing where none was measured."""
    rows = [
        (name, language, row["before"], row["after"], row["tokens"])
        for name, detector in named(figures)
        for language, row in (detector["speed"]["perplexity"] or {}).items()
    ]
    if rows:
        yield "## General ability"
        yield "Perplexity of general text before and after fine-tuning; what rises was forgotten."
        yield table(("detector", "language", "before", "after", "tokens"), rows)


def speed(figures: Figures) -> Iterator[str]:
    """Throughput, cost and memory, and latency where it was measured."""
    yield "## Speed"
    yield "Rates of the predictions above; hours of this machine, and money for paid tokens, for a million texts."
    head = (
        "detector",
        "texts/s",
        "characters/s",
        "hours a million",
        "price a million",
        "load s",
        "memory MB",
        "GPU MB",
    )
    yield table(head, ((name, *_rates(detector), *_needs(detector)) for name, detector in everyone_named(figures)))
    rows = [
        (name, int(callers), *(row[f"p{part}_ms"] for part in (50, 90, 95, 99)), row["texts_per_s"])
        for name, detector in everyone_named(figures)
        for callers, row in ((detector["speed"]["latency"] or {}).get("callers") or {}).items()
    ]
    if rows:
        yield "Calls with one text each, after three to warm up; callers that would wait too long are left out."
        yield table(("detector", "callers", "p50 ms", "p90 ms", "p95 ms", "p99 ms", "texts/s"), rows)
        yield table(
            ("p50 ms by length", *LENGTH_BUCKETS), ((name, *_by_length(row)) for name, row in everyone_named(figures))
        )
        machine = everyone(figures)[0]["speed"]["environment"]
        yield escape(", ".join(f"{key} {value}" for key, value in machine.items())) + "."


def _rates(detector: Figures) -> tuple[Any, ...]:
    batch, price, answers = detector["batch"], detector["speed"]["price"], detector["answers"]
    if batch is None:
        return (None,) * 4
    money = answers["read_tokens"] * price[0] + answers["written_tokens"] * price[1] if price and answers else None
    return batch["texts_per_s"], batch["characters_per_s"], batch["hours_per_million_texts"], money


def _needs(detector: Figures) -> tuple[Any, ...]:
    speed = detector["speed"]
    return speed["load_s"], round(speed["memory_mb"]), None if speed["gpu_mb"] is None else round(speed["gpu_mb"])


def _by_length(detector: Figures) -> list[float | None]:
    medians = (detector["speed"]["latency"] or {}).get("p50_ms_by_length") or {}
    return [medians.get(length) for length in LENGTH_BUCKETS]
