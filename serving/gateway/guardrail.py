"""LiteLLM's guardrail API: LiteLLM asks what may leave in a request, and what stands in an answer.

https://docs.litellm.ai/docs/adding_provider/generic_guardrail_api
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import anyio.to_thread
from fastapi import FastAPI, Request
from pydantic import BaseModel

from serving.gateway.application import Engines, new_application, tenant_of
from serving.gateway.masking import Masked, Masker, Refused
from serving.gateway.outbound import Outbound
from serving.gateway.protocols.openai import OpenAI
from serving.gateway.protocols.paths import SCHEMA, Paths
from serving.gateway.protocols.protocol import Route
from serving.gateway.recent_calls import RecentCalls
from serving.gateway.settings import GatewaySettings
from serving.redaction import ReplacementMap
from serving.redaction.json_text import Path
from serving.redaction.restorer import Restorer
from serving.service.detection_service import DetectionService
from serving.service.models.detection import WholeText
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
_RETURNED = Paths(
    *(f"messages.*.{name}" for name in ("name", "refusal", "arguments", "input", "tool_calls.**", "function_call.**"))
)
"""Where LiteLLM takes back what changed in a message, besides its texts."""


class GuardrailRequest(BaseModel):
    """What LiteLLM asks; it says more, which is not read."""

    input_type: Literal["request", "response"]
    texts: list[WholeText] | None = None
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
        asked_for = set(asked.texts or ())
        slots = {path: text for path, text in _texts(asked.structured_messages or ()).items() if text in asked_for}
        body = _body(asked, slots.values())
        read: dict[str, Any] = {}
        leaving: dict[str, Any] = {}
        elsewhere: list[Path] = []

        def check(masked: Masked) -> None:
            read.update(json.loads(masked.read))
            leaving.update(json.loads(masked.body))
            changed = _changed(read.get("messages", []), leaving.get("messages", []))
            elsewhere.extend(path for path in changed if path not in slots)
            if any(("messages", *path) not in _RETURNED for path in elsewhere):
                raise Refused(403, "a value stands in a part of a message where it cannot be masked")
            if read.get("tool_calls") != leaving.get("tool_calls"):
                raise Refused(403, "a call of a tool holds a value where it cannot be masked")

        try:
            masked = self._outbound.masked(json.dumps(body).encode(), _ROUTE, tenant, check)
        except Refused as refused:
            return GuardrailResponse(action="BLOCKED", blocked_reason=refused.reason)
        if leaving == read:
            return _PASSED
        if asked.litellm_call_id:
            self._calls.add(tenant, asked.litellm_call_id, masked.replacement_map)
        texts = dict(zip(body.get("texts", ()), leaving.get("texts", ()), strict=True))
        masked_slots = _texts(leaving.get("messages", ()))
        texts |= {text: masked_slots[path] for path, text in slots.items()}
        return GuardrailResponse(
            action="GUARDRAIL_INTERVENED",
            texts=[texts[text] for text in asked.texts or ()],
            structured_messages=leaving["messages"] if elsewhere else None,
            tools=leaving["tools"] if leaving.get("tools") != read.get("tools") else None,
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


def _body(asked: GuardrailRequest, in_messages: Collection[str]) -> dict[str, Any]:
    """What is masked: the messages, and of texts and calls of tools those that are not in them."""
    body = {
        "model": asked.model,
        "messages": asked.structured_messages,
        "texts": [text for text in dict.fromkeys(asked.texts or ()) if text not in in_messages],
        "tools": asked.tools,
        "tool_calls": None if asked.structured_messages else asked.tool_calls,
        "images": asked.images,
    }
    return {name: value for name, value in body.items() if value}


def _texts(messages: Sequence[Mapping[str, Any]]) -> dict[Path, str]:
    """The texts of messages; those that LiteLLM asks about by themselves, it takes back by themselves."""
    found: dict[Path, str] = {}
    for at, message in enumerate(messages):
        content = message.get("content")
        if isinstance(content, str):
            found[at, "content"] = content
        for part, one in enumerate(content if isinstance(content, list) else ()):
            if isinstance(one, dict) and isinstance(one.get("text"), str):
                found[at, "content", part, "text"] = one["text"]
    return found


def _changed(before: Any, after: Any, path: Path = ()) -> Iterator[Path]:
    """Where two JSON values of the same form differ."""
    if isinstance(before, dict):
        for name in before:
            yield from _changed(before[name], after[name], (*path, name))
    elif isinstance(before, list):
        for at, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from _changed(old, new, (*path, at))
    elif before != after:
        yield path


def _restored(text: str, maps: Sequence[ReplacementMap]) -> tuple[str, int]:
    """The text with the values of `maps`, and how many characters at its end could change if the text went on."""
    decided, rest = text, ""
    for replacement_map in maps:
        restorer = Restorer(replacement_map)
        decided, rest = restorer.feed(decided), restorer.feed(rest) + restorer.close()
    return decided + rest, len(rest)
