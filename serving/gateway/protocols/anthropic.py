"""Anthropic's API: messages, counts of tokens, lists of models."""

from collections.abc import Iterator, Mapping
from typing import Any

from serving.gateway.protocols.paths import SCHEMA, Paths
from serving.gateway.protocols.protocol import Delta, Event, Key, Route

_BLOCKS = (
    "system.*",
    "messages.*.content.*",
    "messages.*.content.*.content.*",
    "messages.*.content.*.source.content.*",
    "messages.*.content.*.content.*.source.content.*",
)
"""Where blocks of content stand: in the system's text, in messages, in the results of tools, in documents in these."""
_CACHE = ("cache_control.type", "cache_control.ttl")
_KEPT_OF_BLOCKS = ("type", "id", "name", "tool_use_id", *_CACHE, "source.type", "source.media_type")
_KEPT = Paths(
    "model",
    "service_tier",
    "container",
    "messages.*.role",
    *(f"{block}.{name}" for block in _BLOCKS for name in _KEPT_OF_BLOCKS),
    "thinking.type",
    "tools.*.type",
    "tools.*.name",
    *(f"tools.*.{name}" for name in _CACHE),
    *(f"tools.*.input_schema.**.{name}" for name in SCHEMA),
    "tool_choice.type",
    "tool_choice.name",
)
_MEDIA = Paths(*(f"{block}.source.{name}" for block in _BLOCKS for name in ("data", "url", "file_id")))
_SEALED = Paths(*(f"{block}.{name}" for block in _BLOCKS for name in ("thinking", "signature", "data")))
_PIECES = {"text_delta": ("text", False), "input_json_delta": ("partial_json", True)}
"""Name of the piece of text in each kind of delta, and whether it is one of a JSON document."""
_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}
"""The kinds of errors by status; others are an `api_error`."""


class Anthropic:
    """Requests, streams and errors as Anthropic has them. What the model thought is signed, and stays as it is."""

    routes = tuple(Route(path, _KEPT, _MEDIA, _SEALED) for path in ("/messages", "/messages/count_tokens"))
    readable = ("/models", "/models/{name:path}")
    sealed = Paths(
        *(f"content.*.{name}" for name in ("thinking", "signature", "data")),
        *(f"content_block.{name}" for name in ("thinking", "signature", "data")),
        "delta.thinking",
        "delta.signature",
    )
    key_header = "x-api-key"

    def deltas(self, event: Event) -> Iterator[Delta]:
        """As `LlmProtocol` has it."""
        delta = event.get("delta")
        if event.get("type") == "content_block_delta" and isinstance(delta, dict):
            name, in_json = _PIECES.get(str(delta.get("type")), ("", False))
            if isinstance(delta.get(name), str):
                yield Delta((event.get("index"), name), ("delta", name), in_json)

    def ends(self, event: Event, key: Key) -> bool:
        """As `LlmProtocol` has it."""
        is_last = event.get("type") in ("message_delta", "message_stop")
        return is_last or (event.get("type") == "content_block_stop" and event.get("index") == key[0])

    def flush(self, last: Event, delta: Delta, text: str) -> Event:
        """As `LlmProtocol` has it."""
        return {**last, "delta": {**last["delta"], delta.path[-1]: text}}

    def error(self, status: int, message: str) -> Mapping[str, Any]:
        """As `LlmProtocol` has it."""
        return {"type": "error", "error": {"type": _ERRORS.get(status, "api_error"), "message": message}}

    def instructed(self, body: dict[str, Any], instruction: str) -> dict[str, Any]:
        """As `LlmProtocol` has it."""
        system = body.get("system", "")
        if isinstance(system, list):
            return body | {"system": [*system, {"type": "text", "text": instruction}]}
        return body | {"system": "\n".join(filter(None, [system, instruction]))} if isinstance(system, str) else body
