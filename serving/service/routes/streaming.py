"""Batches as newline-delimited JSON: a request a line in, a response a line out, while both last.

https://github.com/ndjson/ndjson-spec
"""

import asyncio
from codecs import BOM_UTF8
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Generic, TypeVar

from fastapi import APIRouter, Request
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from schemas.errors import InvalidTextError
from schemas.json_lines import json_line
from schemas.text.text import Text
from serving.engines.custom_rules import CustomRulesError
from serving.service.batching import Overloaded
from serving.service.error_handlers import ErrorAnswer, error_answer
from serving.service.models.detection import TextFields
from serving.service.models.errors import Responses

NDJSON = "application/x-ndjson"
_EXAMPLE = '{"text": "13800138000"}\n{"text": "a@example.com"}\n'
STREAM_REQUEST = {"requestBody": {"content": {NDJSON: {"schema": {}, "example": _EXAMPLE}}}}
STREAM_RESPONSE: Responses = {200: {"content": {NDJSON: {"schema": {"type": "string"}}}}}
"""What OpenAPI says of streams, beside the request and response in JSON."""
STREAMS = 16
"""Streams whose lines are searched at the same time; others wait for their turn."""
_PATHS = frozenset({"/detect/batch", "/redact/batch"})
_LINE_BYTES = 1 << 20
"""Longest line; longer texts are for `/detect`."""

_SHARED_ERRORS = (Overloaded, CustomRulesError)
"""Errors that another try line by line would only multiply."""

Row = dict[str, Any]
"""What is written on a line."""
Fields = TypeVar("Fields", bound=TextFields)
Answer = Callable[[Fields, Sequence[str]], list[Row]]
"""Gives the responses to texts that are searched with the same fields."""


@dataclass(frozen=True, slots=True)
class _Request(Generic[Fields]):
    fields: Fields
    text: Text = field(repr=False)


def is_stream(scope: Scope) -> bool:
    """Whether the request is one of newline-delimited JSON, whose length has no limit."""
    return (
        scope["type"] == "http"
        and scope["path"].removeprefix("/v1") in _PATHS
        and Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower() == NDJSON
    )


class _StreamRoute(APIRoute):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope) if is_stream(scope) else (Match.NONE, {})


class _Duplex(StreamingResponse):
    """A response that is sent while the request still comes in: only its content receives."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.stream_response(send)


class Streams:
    """The routes of streams, for requests of which `is_stream` holds; they take turns."""

    def __init__(self, app: APIRouter) -> None:
        """Add the routes to `app`, before others of the same path, which take all else."""
        self._app, self._turns = app, asyncio.Semaphore(STREAMS)

    def add(self, path: str, request_model: type[Fields], answer: Answer[Fields]) -> None:
        """Answer each line of a stream to `path`, which is a `request_model`, with what `answer` gives.

        Raises ValueError for a path of which `is_stream` does not know.
        """
        if path not in _PATHS:
            raise ValueError(f"{path} takes no streams")
        router = APIRouter(route_class=_StreamRoute)
        lines = _Lines(request_model, answer)

        @router.post(path, include_in_schema=False)
        async def answer_lines(request: Request) -> StreamingResponse:
            return _Duplex(lines.answers(request, self._turns), media_type=NDJSON)

        self._app.include_router(router)


async def _lines_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[list[bytes]]:
    """The lines of a body, in groups as they come; a line that is too long is kept up to the first byte too many."""
    rest = bytearray()
    async for chunk in chunks:
        *ended, tail = chunk.split(b"\n")
        if ended:
            yield [bytes(rest + ended[0]), *ended[1:]]
            rest.clear()
        rest += tail[: _LINE_BYTES + 1 - len(rest)]
    if rest:
        yield [bytes(rest)]


@dataclass(frozen=True, slots=True)
class _Lines(Generic[Fields]):
    """What the lines of a stream are, and what answers them."""

    model: type[Fields]
    answer: Answer[Fields]

    async def answers(self, request: Request, turns: asyncio.Semaphore) -> AsyncIterator[str]:
        """The lines of the response."""
        count = 0
        try:
            async for lines in _lines_of(request.stream()):
                numbered = list(enumerate(lines, start=count + 1))
                count += len(lines)
                async with turns:
                    rows = await run_in_threadpool(self._rows, numbered)
                yield "".join(map(json_line, rows))
        except ClientDisconnect:
            return

    def _rows(self, lines: Sequence[tuple[int, bytes]]) -> list[Row]:
        """The answers to numbered lines; empty ones are ignored, and those that differ in their text alone go together.

        A line that is refused is answered with its number, the status that it would have as a request, and the reason.
        """
        numbered = [(number, self._read(line)) for number, line in lines if line.strip()]
        rows: list[Row] = []
        for key, group in groupby(numbered, key=lambda pair: _key(pair[1])):
            numbers, requests = zip(*group, strict=True)
            rows += map(_row, numbers, requests if key is None else self._answered(requests))
        return rows

    def _read(self, line: bytes) -> _Request[Fields] | ErrorAnswer:
        if len(line) > _LINE_BYTES:
            return ErrorAnswer(413, f"line of more than {_LINE_BYTES} bytes")
        try:
            fields = self.model.model_validate_json(line.removeprefix(BOM_UTF8))
            return _Request(fields, Text.of(fields.text))
        except (ValidationError, InvalidTextError) as error:
            return error_answer(error)

    def _answered(self, requests: Sequence[_Request[Fields]]) -> Sequence[Row | ErrorAnswer]:
        try:
            return self.answer(requests[0].fields, [request.text for request in requests])
        except Exception as error:
            if len(requests) == 1 or isinstance(error, _SHARED_ERRORS):
                return [error_answer(error)] * len(requests)
            return [row for request in requests for row in self._answered([request])]  # one of them may be to blame


def _key(request: _Request[Fields] | ErrorAnswer) -> Row | None:
    return None if isinstance(request, ErrorAnswer) else request.fields.fields_beside_text


def _row(number: int, answered: Row | ErrorAnswer) -> Row:
    if isinstance(answered, ErrorAnswer):
        return {"line": number, "status": answered.status, "detail": answered.detail}
    return answered
