"""LiteLLM's guardrail API: LiteLLM asks what may leave in a request, and what stands in an answer.

https://docs.litellm.ai/docs/adding_provider/generic_guardrail_api
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import anyio.to_thread
from fastapi import FastAPI, Request
from pydantic import BaseModel

from serving.gateway.application import Engines, new_application, tenant_of
from serving.gateway.masking import Masker, Refused
from serving.gateway.outbound import Outbound
from serving.gateway.protocols.openai import OpenAI
from serving.gateway.protocols.paths import SCHEMA
from serving.gateway.protocols.protocol import Route
from serving.gateway.settings import GatewaySettings
from serving.redaction import ReplacementMap
from serving.redaction.restorer import Restorer
from serving.service.detection_service import DetectionService
from serving.service.settings import ServiceSettings

_PATH = "/beta/litellm_basic_guardrail_api"
_CHAT = OpenAI.routes[0]
_CALL = ("id", "type", "function.name", "custom.name", "index")
_ROUTE = Route(
    _PATH,
    kept=_CHAT.kept.with_more(*(f"tool_calls.*.{name}" for name in _CALL), *(f"tools.**.{name}" for name in SCHEMA)),
    media=_CHAT.media.with_more("images.*"),
    takes_instructions=False,
)


class GuardrailRequest(BaseModel):
    """What LiteLLM asks; it says more, which is not read."""

    input_type: Literal["request", "response"]
    texts: list[str] | None = None
    structured_messages: list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] | None = None
    tool_calls: list[dict[str, Any]] | None = None
    images: list[str] | None = None
    model: str | None = None
    litellm_call_id: str | None = None


class GuardrailResponse(BaseModel):
    """What LiteLLM is told; only what changed is there.

    Of each text that is still being written, `stream_holdback_chars` at its end may yet become another.
    """

    action: Literal["NONE", "BLOCKED", "GUARDRAIL_INTERVENED"]
    blocked_reason: str | None = None
    texts: list[str] | None = None
    structured_messages: list[dict[str, Any]] | None = None
    tools: list[dict[str, Any]] | None = None
    stream_holdback_chars: list[int] | None = None


_PASSED = GuardrailResponse(action="NONE")


class RecentCalls:
    """What the stand-ins of the last calls mean, until their answers are here; the oldest go first."""

    def __init__(self, most: int = 10_000, seconds: float = 3600) -> None:
        """Keep at most `most` calls, each for `seconds`."""
        self._most, self._seconds = most, seconds
        self._calls: OrderedDict[tuple[str, str], tuple[float, list[ReplacementMap]]] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, tenant: str, call: str, replacement_map: ReplacementMap) -> None:
        """Keep what was masked for `call` of `tenant`; a call may be masked more than once."""
        now = time.monotonic()
        with self._lock:
            _, known = self._calls.pop((tenant, call), (now, []))
            self._calls[tenant, call] = (now, [*known, replacement_map])
            while len(self._calls) > self._most or now - next(iter(self._calls.values()))[0] > self._seconds:
                self._calls.popitem(last=False)

    def of(self, tenant: str, call: str) -> Sequence[ReplacementMap]:
        """What was masked for `call`, the last first."""
        with self._lock:
            then, known = self._calls.get((tenant, call), (0.0, []))
        return known[::-1] if time.monotonic() - then <= self._seconds else []


def create_guardrail(
    engines: Engines,
    settings: GatewaySettings,
    service_settings: ServiceSettings = ServiceSettings(),  # noqa: B008 - frozen
) -> FastAPI:
    """Build the application that LiteLLM asks.

    Raises DataError for a file of API keys that cannot be read, AuditError for an audit that cannot be written.
    """
    service = DetectionService(engines.detector, service_settings, engines.custom_rules)
    outbound = Outbound(settings, service, Masker(OpenAI(), engines.tripwire, preamble=False))
    guardrail = _Guardrail(outbound)
    app = new_application(service, service_settings)

    @app.post(_PATH, response_model=GuardrailResponse, response_model_exclude_none=True)
    async def check(asked: GuardrailRequest, request: Request) -> GuardrailResponse:
        """Mask a request, or restore an answer."""
        answer = guardrail.restored if asked.input_type == "response" else guardrail.masked
        return await anyio.to_thread.run_sync(answer, asked, tenant_of(request))

    return app


class _Guardrail:
    def __init__(self, outbound: Outbound) -> None:
        self._outbound, self._calls = outbound, RecentCalls()

    def masked(self, asked: GuardrailRequest, tenant: str) -> GuardrailResponse:
        """What of a request must leave otherwise; BLOCKED where it may not, since LiteLLM may pass over errors."""
        given = asked.model_dump(
            include={"model", "texts", "structured_messages", "tools", "tool_calls", "images"}, exclude_none=True
        )
        body = {"messages" if name == "structured_messages" else name: value for name, value in given.items()}
        try:
            masked = self._outbound.masked(json.dumps(body).encode(), _ROUTE, tenant)
        except Refused as refused:
            return GuardrailResponse(action="BLOCKED", blocked_reason=refused.reason)
        if not masked.counts:
            return _PASSED
        leaving: Mapping[str, Any] = json.loads(masked.body)
        changed = {name: value for name, value in leaving.items() if value != body[name]}
        in_calls = "tool_calls" in changed  # which LiteLLM takes back within the messages alone
        if in_calls and "messages" not in changed:
            return GuardrailResponse(
                action="BLOCKED", blocked_reason="a tool call holds a value where it cannot be masked"
            )
        if asked.litellm_call_id:
            self._calls.add(tenant, asked.litellm_call_id, masked.replacement_map)
        return GuardrailResponse(
            action="GUARDRAIL_INTERVENED",
            texts=leaving.get("texts"),
            structured_messages=leaving["messages"] if in_calls else None,
            tools=changed.get("tools"),
        )

    def restored(self, asked: GuardrailRequest, tenant: str) -> GuardrailResponse:
        """The texts of an answer with the values of its call."""
        maps = self._calls.of(tenant, asked.litellm_call_id or "")
        if not maps or not asked.texts:
            return _PASSED
        both = [_restored(text, maps) for text in asked.texts]
        return GuardrailResponse(
            action="GUARDRAIL_INTERVENED",
            texts=[text for text, _ in both],
            stream_holdback_chars=[held for _, held in both],
        )


def _restored(text: str, maps: Sequence[ReplacementMap]) -> tuple[str, int]:
    """The text with the values of `maps`, and how many characters at its end could change if the text went on."""
    decided, rest = text, ""
    for replacement_map in maps:
        restorer = Restorer(replacement_map)
        decided, rest = restorer.feed(decided), restorer.feed(rest) + restorer.close()
    return decided + rest, len(rest)
