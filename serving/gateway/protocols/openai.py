"""OpenAI's API: chat completions, responses, completions, embeddings, lists of models."""

from collections.abc import Iterator, Mapping
from typing import Any

from serving.gateway.protocols.chat_pieces import alone, objects, pieces
from serving.gateway.protocols.paths import SCHEMA, Paths
from serving.gateway.protocols.protocol import Delta, Event, Key, Route

_SETTINGS = ("model", "service_tier", "reasoning_effort", "verbosity", "encoding_format", "truncation", "modalities.*")
_TOOL = ("type", "name", "mode", "server_label", "connector_id", "function.name", "custom.name")
_TOOL_CHOICE = (
    "tool_choice",
    *(
        f"tool_choice.{place}{name}"
        for place in ("", "allowed_tools.", "tools.*.", "allowed_tools.tools.*.")
        for name in _TOOL
    ),
)
"""Which tool the model is to call: names and kinds of tools."""

_FILES = ("image_url", "video_url", "audio_url", "document_url", "file_url", "file_data", "input_audio")
_PARTS = (*_FILES, "image", "video", "audio", "data", "source")
"""Names of parts of a message that are pictures, sound and files, also those of servers that speak like OpenAI's."""


def _media(place: str) -> list[str]:
    """Where media may stand in a part of a message at `place`: in its fields, and in what these hold."""
    return [f"{place}.{name}{within}" for name in _PARTS for within in ("", ".*")]


_CHAT = Route(
    "/chat/completions",
    Paths(
        *_SETTINGS,
        "audio.format",
        "audio.voice",
        "messages.*.role",
        "messages.*.tool_call_id",
        "messages.*.content.*.type",
        "messages.*.content.*.image_url.detail",
        "messages.*.content.*.input_audio.format",
        "messages.*.content.*.file.file_id",
        "messages.*.function_call.name",
        *(f"messages.*.tool_calls.*.{name}" for name in ("id", "type", "function.name", "custom.name")),
        *(f"tools.*.{name}" for name in ("type", "function.name", "custom.name")),
        *(f"tools.*.function.parameters.**.{name}" for name in SCHEMA),
        "functions.*.name",
        *(f"functions.*.parameters.**.{name}" for name in SCHEMA),
        *_TOOL_CHOICE,
        "function_call",
        "function_call.name",
        "response_format.type",
        "response_format.json_schema.name",
        *(f"response_format.json_schema.schema.**.{name}" for name in SCHEMA),
    ),
    media=Paths(
        *_media("messages.*.content.*"),
        "messages.*.content.*.file.file_data",
        "messages.*.content.*.file.file_url",
    ),
)
_RESPONSES = Route(
    "/responses",
    Paths(
        *_SETTINGS,
        "previous_response_id",
        "conversation",
        "conversation.id",
        "reasoning.effort",
        "text.verbosity",
        "text.format.type",
        "text.format.name",
        *(f"text.format.schema.**.{name}" for name in SCHEMA),
        *(f"input.*.{name}" for name in ("role", "type", "id", "call_id", "name", "status")),
        *(f"input.*.content.*.{name}" for name in ("type", "detail", "file_id", "format")),
        "input.*.summary.*.type",
        *(f"tools.*.{name}" for name in ("type", "name", "server_label", "search_context_size")),
        *(f"tools.*.parameters.**.{name}" for name in SCHEMA),
        *_TOOL_CHOICE,
    ),
    media=Paths(
        *_media("input.*.content.*"),
        *(
            f"{place}.{name}"
            for place in ("input.*.output", "input.*.output.*", "prompt.variables.*")
            for name in _FILES
        ),
        "input.*.result",
    ),
    sealed=Paths("input.*.encrypted_content"),
)
_RESPONSE_JSON = ("response.function_call_arguments", "response.mcp_call_arguments")


class OpenAI:
    """Requests, streams and errors as OpenAI and the servers that speak like it have them."""

    routes = (
        _CHAT,
        _RESPONSES,
        Route("/completions", Paths(*_SETTINGS), tokens=Paths("prompt.*", "prompt.*.*"), takes_instructions=False),
        Route("/embeddings", Paths(*_SETTINGS), tokens=Paths("input.*", "input.*.*"), takes_instructions=False),
    )
    readable = ("/models", "/models/{name:path}")
    sealed = Paths("output.*.encrypted_content", "response.output.*.encrypted_content", "item.encrypted_content")
    key_header = "authorization"

    def deltas(self, event: Event) -> Iterator[Delta]:
        """As `LlmProtocol` has it."""
        kind = event.get("type")
        if isinstance(kind, str) and kind.endswith(".delta") and isinstance(event.get("delta"), str):
            name = kind.removesuffix(".delta")
            yield Delta((name, event.get("item_id"), _part(event)), ("delta",), name in _RESPONSE_JSON)
        for place, choice in objects(event.get("choices")):
            yield from pieces(choice, ("choices", place), choice.get("index", place))

    def ends(self, event: Event, key: Key) -> bool:
        """As `LlmProtocol` has it."""
        kind = event.get("type")
        if isinstance(kind, str) and "choices" not in event:
            return kind in ("response.completed", "response.incomplete", "response.failed") or (
                kind.endswith(".done") and key == (kind.removesuffix(".done"), event.get("item_id"), _part(event))
            )
        choices = objects(event.get("choices"))
        return any(one.get("index", at) == key[0] and one.get("finish_reason") for at, one in choices)

    def flush(self, last: Event, delta: Delta, text: str) -> Event:
        """As `LlmProtocol` has it."""
        if delta.path == ("delta",):
            return {**last, "delta": text}
        return alone(last, delta, text)

    def error(self, status: int, message: str) -> Mapping[str, Any]:
        """As `LlmProtocol` has it."""
        return {"error": {"message": message, "type": "pii_sft_gateway", "param": None, "code": status}}

    def instructed(self, body: dict[str, Any], instruction: str) -> dict[str, Any]:
        """As `LlmProtocol` has it."""
        if isinstance(body.get("messages"), list):
            return body | {"messages": [{"role": "system", "content": instruction}, *body["messages"]]}
        if isinstance(body.get("instructions", ""), str | None):
            return body | {"instructions": "\n".join(filter(None, [body.get("instructions"), instruction]))}
        return body


def _part(event: Event) -> Any:
    """Which part of an item of a response an event is about."""
    return event.get("content_index", event.get("summary_index"))
