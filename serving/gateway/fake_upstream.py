"""A provider that says again what it was told last: it shows what left, and gives the way back something to do."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

_PIECE = 3
"""Characters of a piece of a streamed answer."""


class FakeUpstream:
    """Answers OpenAI's and Anthropic's requests with the strings of the last message; keeps what came."""

    def __init__(self) -> None:
        self.bodies: list[str] = []
        self.headers: list[dict[str, str]] = []
        paths = ("chat/completions", "completions", "responses", "embeddings", "messages", "messages/count_tokens")
        routes = [Route(f"/v1/{path}", self._answer, methods=["POST"]) for path in paths]
        self.app = Starlette(routes=[*routes, Route("/v1/models", _models)])

    async def _answer(self, request: Request) -> Response:
        text = (await request.body()).decode()
        self.bodies.append(text)
        self.headers.append(dict(request.headers))
        body, path = json.loads(text), request.url.path.removeprefix("/v1/")
        answer = said(body)
        if body.get("stream"):
            return StreamingResponse(_stream(path, answer), media_type="text/event-stream")
        return JSONResponse(_whole(path, answer))


async def _models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [{"id": "fake", "object": "model"}]})


def said(body: dict[str, Any]) -> str:
    """What is answered: all strings of the last message, or of the last part of the input."""
    given: Any = body.get("messages", body.get("input", body.get("prompt", "")))
    return "\n".join(_strings(given[-1] if isinstance(given, list) and given else given))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("role", "type", "id"):
                yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _arguments(said: str) -> str:
    return json.dumps({"text": said}, ensure_ascii=False)


def _whole(path: str, said: str) -> dict[str, Any]:
    if path == "embeddings":
        return {"object": "list", "model": "fake", "data": [{"object": "embedding", "index": 0, "embedding": [0.5]}]}
    if path == "messages/count_tokens":
        return {"input_tokens": len(said)}
    if path == "messages":
        tool: dict[str, Any] = {"type": "tool_use", "id": "tool_1", "name": "note", "input": {"text": said}}
        usage: dict[str, Any] = {"input_tokens": 1, "output_tokens": 1}
        head: dict[str, Any] = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "fake",
            "stop_reason": "end_turn",
        }
        return {**head, "stop_sequence": None, "content": [{"type": "text", "text": said}, tool], "usage": usage}
    if path == "responses":
        part = {"type": "output_text", "text": said, "annotations": []}
        item = {"type": "message", "id": "item_1", "role": "assistant", "status": "completed", "content": [part]}
        return {"id": "resp_1", "object": "response", "created_at": 1, "model": "fake", "output": [item]}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    if path == "completions":
        choice: dict[str, Any] = {"index": 0, "text": said, "finish_reason": "stop", "logprobs": None}
        return {"id": "c", "object": "text_completion", "created": 1, "model": "fake", "choices": [choice]}
    call = {"id": "call_1", "type": "function", "function": {"name": "note", "arguments": _arguments(said)}}
    message = {"role": "assistant", "content": said, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    head = {"id": "c", "object": "chat.completion", "created": 1, "model": "fake"}
    return {**head, "choices": [choice], "usage": usage}


async def _stream(path: str, said: str) -> AsyncIterator[str]:
    made = {"messages": _messages_events, "responses": _responses_events}.get(path)
    for event in made(said) if made else _chat_events(path, said):
        named = f"event: {event['type']}\n" if "type" in event else ""
        yield f"{named}data: {json.dumps(event, ensure_ascii=False)}\n\n"
    if made is None:
        yield "data: [DONE]\n\n"


def _pieces(text: str) -> list[str]:
    return [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]


def _chat_events(path: str, said: str) -> Iterator[dict[str, Any]]:
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
    if path == "completions":
        for piece in _pieces(said):
            yield {**head, "choices": [{"index": 0, "text": piece, "finish_reason": None}]}
        yield {**head, "choices": [{"index": 0, "text": "", "finish_reason": "stop"}]}
        return
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in _pieces(said)]
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "note", "arguments": ""}}
    deltas.append({"tool_calls": [call]})
    for piece in _pieces(_arguments(said)):
        deltas.append({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
    for delta in deltas:
        yield {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def _messages_events(said: str) -> Iterator[dict[str, Any]]:
    message = {**_whole("messages", ""), "content": []}
    yield {"type": "message_start", "message": message}
    tool = {"type": "tool_use", "id": "tool_1", "name": "note", "input": {}}
    blocks = (
        ({"type": "text", "text": ""}, "text_delta", "text", said),
        (tool, "input_json_delta", "partial_json", _arguments(said)),
    )
    for index, (block, kind, name, text) in enumerate(blocks):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        for piece in _pieces(text):
            yield {"type": "content_block_delta", "index": index, "delta": {"type": kind, name: piece}}
        yield {"type": "content_block_stop", "index": index}
    usage = {"output_tokens": 1}
    yield {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": usage}
    yield {"type": "message_stop"}


def _responses_events(said: str) -> Iterator[dict[str, Any]]:
    place = {"item_id": "item_1", "output_index": 0, "content_index": 0}
    for piece in _pieces(said):
        yield {"type": "response.output_text.delta", **place, "delta": piece}
    yield {"type": "response.output_text.done", **place, "text": said}
    yield {"type": "response.completed", "response": _whole("responses", said)}
