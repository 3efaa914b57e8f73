"""More requests than can be answered are refused."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from starlette.testclient import TestClient

from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType as T
from serving.engines.rules.engine import RulesEngine
from serving.service.app import create_app
from serving.service.settings import ServiceSettings


class Slow(RulesEngine):
    def __init__(self) -> None:
        self.entered, self.released = threading.Event(), threading.Event()

    def detect(self, texts: Sequence[str], types: Sequence[T] | None = None) -> list[Prediction]:
        self.entered.set()
        assert self.released.wait(30)
        return super().detect(texts, types)


def test_more_than_it_can_take_is_refused_at_once_and_the_rest_answered() -> None:
    slow = Slow()
    with TestClient(create_app(slow, ServiceSettings(in_flight=2))) as client, ThreadPoolExecutor(4) as pool:

        def ask() -> int:
            return client.post("/detect", json={"text": "13800138000"}).status_code

        first = pool.submit(ask)
        assert slow.entered.wait(30)
        second = pool.submit(ask)
        while "pii_sft_requests_waiting 1.0" not in client.get("/metrics").text:
            assert not second.done()
        refused = client.post("/detect", json={"text": "x"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert client.get("/health").status_code == 200
        slow.released.set()
        assert (first.result(30), second.result(30)) == (200, 200)
