"""What batching of waiting requests brings: `python -m scripts.bench_service [CALLERS] [ROUNDS]`.

The embedded tagger with rules, one text of 20 to 200 characters a request; every caller asks again at once. In turns
the detector is called with what waits, and with one request at a time. Prints texts a second of both and, as one JSON
line, the ratio with its 95% interval.
"""

import json
import statistics
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from eval.speed.bench import text_of
from eval.speed.latency import ratio
from pii_sft.detector import Detector
from schemas.spans.prediction import Prediction
from serving.service.batching import Batcher

_EACH = 8


def main(callers: int = 64, rounds: int = 8) -> None:
    engine = Detector.load().engine
    batcher, turn = Batcher(engine, waiting=callers), threading.Lock()
    texts = [text_of(20 + 180 * number // callers, 7 * number) for number in range(callers)]

    def alone(one: Sequence[str]) -> list[Prediction]:
        with turn:
            return engine.detect(one)

    def run(call: object) -> None:
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(lambda text: [call([text]) for _ in range(_EACH)], texts))  # type: ignore[operator]

    ratio(lambda: run(batcher.detect), lambda: run(alone), 1)
    times, interval, batched, single = ratio(lambda: run(batcher.detect), lambda: run(alone), rounds)
    rates = [callers * _EACH / statistics.median(seconds) for seconds in (batched, single)]
    print(f"{callers} callers: {rates[0]:.1f} texts/s with what waits in one call, {rates[1]:.1f} one by one")
    print(json.dumps({"callers": callers, "ratio": round(times, 3), "interval": [round(end, 3) for end in interval]}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
