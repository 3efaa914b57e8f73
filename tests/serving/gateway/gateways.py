"""A gateway over an engine that knows some values, in front of the fake provider; all in one process."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from schemas.engine import UnbiasedEngine
from schemas.spans.entity import Entity
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType
from serving.engines.rules.engine import RulesEngine
from serving.gateway.app import create_gateway
from serving.gateway.application import Engines
from serving.gateway.fake_upstream import FakeUpstream
from serving.gateway.settings import GatewaySettings
from serving.service.settings import ServiceSettings

VALUES = {
    "张三丰": EntityType.PERSON_NAME,
    "王小明": EntityType.PERSON_NAME,
    "13812345678": EntityType.PHONE_NUMBER,
    "a.b@example.com": EntityType.EMAIL,
    '北京市海淀区"大院"\\5号': EntityType.ADDRESS,
}
URL = "http://upstream.test/v1"


class KnownValues(UnbiasedEngine):
    """Finds the values of `VALUES`."""

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        return [self._detect(str(text)) for text in texts]

    def _detect(self, text: str) -> Prediction:
        found = [
            Detection(Entity(start, start + len(value), kind), 0.9, "model")
            for value, kind in VALUES.items()
            for start in _places(text, value)
        ]
        return Prediction(text, tuple(sorted(found, key=lambda one: one.start)))


def _places(text: str, value: str) -> Iterable[int]:
    start = text.find(value)
    while start >= 0:
        yield start
        start = text.find(value, start + len(value))


@dataclass
class Gateway:
    """A client of the gateway, and the provider behind it."""

    client: httpx2.AsyncClient
    upstream: FakeUpstream

    async def post(self, path: str, body: Any, **options: Any) -> httpx2.Response:
        return await self.client.post(f"/v1{path}", json=body, **options)

    async def events(self, path: str, body: Any) -> list[tuple[str | None, str]]:
        """The names and data of the events of a streamed answer."""
        answer = await self.post(path, body)
        assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
        events = []
        for block in answer.text.split("\n\n")[:-1]:
            fields = dict(line.partition(": ")[::2] for line in block.split("\n"))
            events.append((fields.get("event"), fields["data"]))
        return events


@asynccontextmanager
async def gateway(
    protocol: str = "openai",
    *,
    engine: Any = None,
    service: ServiceSettings = ServiceSettings(),  # noqa: B008 - frozen
    transport: httpx2.AsyncBaseTransport | None = None,
    **settings: Any,
) -> AsyncIterator[Gateway]:
    """A gateway with these settings; `transport` is what is asked in the place of the fake provider."""
    upstream = FakeUpstream()
    asked = httpx2.AsyncClient(transport=transport or httpx2.ASGITransport(app=upstream.app))
    engines = Engines(engine or KnownValues(), RulesEngine())
    app = create_gateway(engines, GatewaySettings(URL, **({"secret": b"s" * 32} | settings)), service, protocol, asked)
    inside = httpx2.ASGITransport(app=app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=inside, base_url="http://g") as client:
        yield Gateway(client, upstream)
