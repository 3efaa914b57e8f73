"""Time and memory of architectures with random weights, and how many times as long one takes as another.

    python scripts/gpu/speed.py CONFIG [CONFIG ...] [--rows 1 8 64] [--repeats 5]

CONFIG is that of `random:CONFIG`, such as qwen2-1.5b and qwen3-8b. A text has 100 characters and three entities. Prints
a table, and one JSON line last; ratios are against the first.
"""

import argparse
import gc
import json
import statistics
import time

import torch

from serving.engines.llm.backends.random_weights import RandomEngine


def figures_of(config: str, rows: list[int], repeats: int) -> dict[str, float]:
    """Median seconds of a batch by its rows, texts a second, and the most GPU memory in GB."""
    engine = RandomEngine(config)
    print(f"{config}: {engine.description}", flush=True)
    figures: dict[str, float] = {}
    for number in rows:
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        engine.answer(number)
        times = []
        for _ in range(repeats):
            begun = time.perf_counter()
            engine.answer(number)
            times.append(time.perf_counter() - begun)
        figures[f"p50_s_{number}"] = statistics.median(times)
        figures[f"texts_per_s_{number}"] = number / statistics.median(times)
        if torch.cuda.is_available():
            figures[f"gpu_gb_{number}"] = torch.cuda.max_memory_allocated() / 1e9
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="+", metavar="CONFIG")
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    table: dict[str, dict[str, float]] = {}
    for config in arguments.configs:
        table[config] = figures_of(config, arguments.rows, arguments.repeats)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    first = table[arguments.configs[0]]
    for config, figures in table.items():
        for rows in arguments.rows:
            times = figures[f"p50_s_{rows}"] / first[f"p50_s_{rows}"]
            memory = figures.get(f"gpu_gb_{rows}", 0.0)
            rate = figures[f"texts_per_s_{rows}"]
            print(f"{config:<24}{rows:>4} rows {rate:>10.2f} texts/s {times:>8.2f} times {memory:>8.2f} GB")
    print(json.dumps(table))


if __name__ == "__main__":
    main()
