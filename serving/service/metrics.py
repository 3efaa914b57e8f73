"""What the service counts, for Prometheus: never a text, a value, a key or a raw path."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from schemas.errors import PiiSftError
from schemas.spans.prediction import Prediction
from schemas.taxonomy import ALL_TYPES

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_TYPES = frozenset(ALL_TYPES)
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Variable with which prometheus_client shares metrics among processes that start after it is set."""


@contextmanager
def shared_metrics() -> Iterator[Callable[[int], None]]:
    """Let processes that are started inside count together; gives a function for the number of one that has died.

    Raises PiiSftError where there is no folder for temporary files.
    """
    try:
        temporary = TemporaryDirectory(prefix="pii-sft-metrics-")
    except OSError as error:
        raise PiiSftError(f"no folder for temporary files, which workers need; set TMPDIR: {error.strerror}") from None
    with temporary as folder:
        os.environ[_SHARED] = folder
        try:
            yield lambda process: mark_process_dead(process, folder)
        finally:
            del os.environ[_SHARED]


class Metrics:
    """Prometheus metrics of one service; of all its workers where they share a folder (see `shared_metrics`)."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self.requests = Counter("pii_sft_requests", "Requests answered", ("path", "status"), registry=registry)
        self.seconds = Histogram(
            "pii_sft_request_seconds", "Time to answer", ("path",), buckets=_SECONDS, registry=registry
        )
        self.masking = Histogram(
            "pii_sft_masking_seconds",
            "Time of the gateway until a request may leave",
            buckets=_SECONDS,
            registry=registry,
        )
        gauge = partial(Gauge, registry=registry, multiprocess_mode="livesum")
        self.running = gauge("pii_sft_requests_in_flight", "Requests being answered")
        self.waiting = gauge("pii_sft_requests_waiting", "Requests waiting for the detector")
        self.texts = Counter("pii_sft_texts", "Texts searched", registry=registry)
        self.characters = Counter("pii_sft_characters", "Characters searched", registry=registry)
        self.entities = Counter("pii_sft_entities", "Entities found", ("type",), registry=registry)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        registry = self._registry
        if _SHARED in os.environ:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)
        return generate_latest(registry)

    def count(self, predictions: Sequence[Prediction]) -> None:
        """Count texts, characters and entities; types of the caller's own together, since a name could be a value."""
        self.texts.inc(len(predictions))
        self.characters.inc(sum(len(prediction.text) for prediction in predictions))
        for prediction in predictions:
            for entity in prediction.entities:
                self.entities.labels(str(entity.type) if entity.type in _TYPES else "own").inc()
