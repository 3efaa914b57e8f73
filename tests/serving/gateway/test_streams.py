"""Streams, however they are cut, and however they end."""

import json
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.spans.entity import Entity
from schemas.taxonomy import EntityType
from serving.gateway.answers import EventRestorer
from serving.gateway.protocols.anthropic import Anthropic
from serving.gateway.protocols.openai import OpenAI
from serving.gateway.sse import EventReader, ServerEvent, StreamError
from serving.redaction import RedactionSession, ReplacementMap, restore
from tests.serving.gateway.gateways import gateway

NAME, ADDRESS = "张三丰", '大院"5\\号'


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def issued() -> tuple[ReplacementMap, str, str]:
    """A map, and the stand-ins of a name and of an address in it."""
    session = RedactionSession("keyed", hash_key=b"k" * 32)
    name = session.redact(NAME, [Entity(0, len(NAME), EntityType.PERSON_NAME)]).text
    address = session.redact(ADDRESS, [Entity(0, len(ADDRESS), EntityType.ADDRESS)]).text
    return session.replacement_map, name, address


MAP, NAME_CODE, ADDRESS_CODE = issued()
SAID = f"你好，{NAME_CODE}住在{ADDRESS_CODE}。[PERSON_NAME_k22222] [PERSON 完"
MEANT = f"你好，{NAME}住在{ADDRESS}。[PERSON_NAME_k22222] [PERSON 完"


def stream(pieces: list[str], arguments: list[str], end: str = "\n") -> bytes:
    """A stream of chat chunks: text, arguments of a call, and the end."""
    deltas: list[dict[str, Any]] = [{"content": piece} for piece in pieces]
    deltas += [{"tool_calls": [{"index": 0, "function": {"arguments": piece}}]} for piece in arguments]
    events = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    lines = [f"data: {json.dumps(event, ensure_ascii=False)}{end}{end}" for event in events]
    return (f": hello{end}{end}" + "".join(lines) + f"data: [DONE]{end}{end}").encode()


def received(chunks: list[bytes]) -> tuple[str, str]:
    """The text and the arguments that a client puts together."""
    reader, restorer = EventReader(), EventRestorer(OpenAI(), MAP)
    events = [restored for chunk in chunks for event in reader.feed(chunk) for restored in restorer.feed(event)]
    events += [restored for event in reader.close() for restored in restorer.feed(event)]
    events += restorer.close()
    text = arguments = ""
    for event in events:
        if event.data in (None, "[DONE]"):
            continue
        (choice,) = json.loads(event.data)["choices"]
        text += choice["delta"].get("content", "")
        for call in choice["delta"].get("tool_calls", ()):
            arguments += call["function"]["arguments"]
    assert events[-1].data == "[DONE]"
    return text, arguments


def cut(text: Any, places: list[int]) -> list[Any]:
    """`text` cut at `places`."""
    ends = sorted({place % (len(text) + 1) for place in places} | {0, len(text)})
    return [text[start:end] for start, end in pairwise(ends)]


PLACES = st.lists(st.integers(0, 10_000), max_size=12)


@settings(max_examples=300)
@given(pieces=PLACES, arguments=PLACES, chunks=PLACES, end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_cut_gives_the_same_text_and_arguments(
    pieces: list[int], arguments: list[int], chunks: list[int], end: str
) -> None:
    document = json.dumps({"to": SAID, "n": 1}, ensure_ascii=False)
    sent = stream(cut(SAID, pieces), cut(document, arguments), end)
    text, told = received(cut(sent, chunks))
    assert text == MEANT
    assert json.loads(told) == {"to": MEANT, "n": 1}


@settings(max_examples=200)
@given(arguments=PLACES, ascii_only=st.booleans())
def test_arguments_are_read_as_the_json_that_they_are(arguments: list[int], ascii_only: bool) -> None:
    """A stand-in may follow an escape, be written in escapes, and lack its brackets."""
    bare = NAME_CODE[1:-1]
    meant = f'您好\n{bare} 收"\\{bare}\\" \t😀{ADDRESS_CODE}\r\n{bare}'.replace("_", "\\_", 2)
    document = json.dumps({"body": meant}, ensure_ascii=ascii_only).replace("😀", "\\ud83d\\ude00")
    _, told = received([stream([], cut(document, arguments))])
    assert json.loads(told)["body"] == restore(meant, MAP).text
    assert NAME in told.encode().decode()


def test_nothing_is_held_back_that_cannot_become_a_stand_in() -> None:
    restorer = EventRestorer(OpenAI(), MAP)
    event = ServerEvent([f"data: {json.dumps({'choices': [{'index': 0, 'delta': {'content': '你好 x'}}]})}"])
    (restored,) = restorer.feed(event)
    assert json.loads(restored.data or "")["choices"][0]["delta"]["content"] == "你好 x"


def test_what_a_model_thought_stays_as_it_was_signed() -> None:
    restorer = EventRestorer(Anthropic(), MAP)
    delta = {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": NAME_CODE}}
    (restored,) = restorer.feed(ServerEvent([f"data: {json.dumps(delta)}"]))
    assert json.loads(restored.data or "") == delta


def test_events_that_are_no_json_and_streams_cut_off_are_told_of() -> None:
    with pytest.raises(StreamError, match="not JSON"):
        list(EventRestorer(OpenAI(), MAP).feed(ServerEvent(["data: {"])))
    reader = EventReader()
    assert not list(reader.feed(b"dat"))
    with pytest.raises(StreamError, match="half an event"):
        list(reader.close())
    with pytest.raises(StreamError, match="not UTF-8"):
        list(EventReader().feed(b"\xff\n\n"))


@pytest.mark.parametrize("end", ["data: [DONE]", "data: [DONE]\n", "data: [DONE]\r", "data: [DONE]\n\n"])
def test_what_is_held_back_comes_before_the_end_however_that_is_written(end: str) -> None:
    reader, restorer = EventReader(), EventRestorer(OpenAI(), MAP)
    held = {"type": "chunk", "choices": [{"index": 0, "delta": {"content": NAME_CODE[:6]}}]}
    events = [*reader.feed(f"data: {json.dumps(held)}\n\n{end}".encode()), *reader.close()]
    told = [restored.data for event in events for restored in restorer.feed(event)]
    assert told[-1] == "[DONE]" and json.loads(told[-2] or "")["choices"][0]["delta"]["content"] == NAME_CODE[:6]


def test_what_is_held_back_comes_before_the_reason_of_the_end() -> None:
    restorer = EventRestorer(OpenAI(), MAP)
    choices = [{"index": 0, "delta": {"content": NAME_CODE[:6]}}, {"index": 0, "delta": {}, "finish_reason": "stop"}]
    told = [
        json.loads(restored.data or "")["choices"][0]
        for choice in choices
        for restored in restorer.feed(ServerEvent([f"data: {json.dumps({'type': 'chunk', 'choices': [choice]})}"]))
    ]
    assert [one["delta"].get("content") for one in told] == ["", NAME_CODE[:6], None]


class Broken(httpx2.AsyncBaseTransport):
    """A provider that begins a stream and fails."""

    def __init__(self, chunks: list[bytes | Exception]) -> None:
        self._chunks = chunks

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, content=self._content())

    async def _content(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            if isinstance(chunk, Exception):
                raise chunk
            yield chunk


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("chunks", "reason"),
    [
        ([b'data: {"choices": []}\n\n', httpx2.ReadError("secret")], "the provider broke off"),
        ([b"data: {]\n\n"], "the provider sent an event that is not JSON"),
        ([b'data: {"choices": []'], "the provider sent an event that is not JSON"),
        ([b'data: {"choices": [], "n": 1e400}\n\n'], "the provider sent an event that is not JSON"),
        ([b"dat"], "the provider sent half an event at its end"),
    ],
)
async def test_a_stream_that_fails_ends_with_an_error(chunks: list[bytes | Exception], reason: str) -> None:
    async with gateway(transport=Broken(chunks)) as target:
        events = await target.events("/chat/completions", {"model": "m", "messages": [], "stream": True})
    assert events[-1][0] == "error"
    assert json.loads(events[-1][1])["error"]["message"] == reason


def test_events_are_the_same_however_they_are_cut() -> None:
    content = "data: 甲\r\rid: 1\r\ndata: 乙\r\n\r\n: note\n\ndata: 丙\ndata: 丁\n\n".encode()
    whole = [event.lines for event in EventReader().feed(content)]
    assert whole == [["data: 甲"], ["id: 1", "data: 乙"], [": note"], ["data: 丙", "data: 丁"]]
    for first in range(len(content)):
        for second in range(first, len(content)):
            reader = EventReader()
            pieces = content[:first], content[first:second], content[second:]
            assert [event.lines for piece in pieces for event in reader.feed(piece)] == whole
