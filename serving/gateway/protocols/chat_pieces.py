"""The pieces of text in OpenAI's streams of chat completions, and in those of servers that say more."""

from collections.abc import Iterator
from typing import Any

from serving.gateway.protocols.protocol import Delta, Event, Key
from serving.redaction.json_text import Path

_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")
_LISTS = {"content": ("text", "refusal", "thinking"), "thinking": ("text",), "reasoning_details": ("text", "summary")}
"""Names of lists of parts, and those of the texts in their parts."""
_TOOLS = {"function": "arguments", "custom": "input"}
_MARKS = ("index", "type")
"""What says which part a text belongs to."""


def pieces(choice: Event, path: Path, index: Any) -> Iterator[Delta]:
    """The pieces in a `choice`, at `path` of its event."""
    if isinstance(choice.get("text"), str):
        yield Delta((index, "text"), (*path, "text"))
    delta = choice.get("delta")
    if not isinstance(delta, dict):
        return
    path = (*path, "delta")
    for name in _TEXTS:
        if isinstance(delta.get(name), str):
            yield Delta((index, name), (*path, name))
    for name in ("content", "reasoning_details"):
        yield from _in_parts(delta, name, path, (index,))
    audio, called = delta.get("audio"), delta.get("function_call")
    if isinstance(audio, dict) and isinstance(audio.get("transcript"), str):
        yield Delta((index, "audio"), (*path, "audio", "transcript"))
    if isinstance(called, dict) and isinstance(called.get("arguments"), str):
        yield Delta((index, "function_call"), (*path, "function_call", "arguments"), in_json=True)
    for at, call in objects(delta.get("tool_calls")):
        yield from _of_call(call, (*path, "tool_calls", at), index)


def _in_parts(holder: Event, name: str, path: Path, key: Key) -> Iterator[Delta]:
    """The texts in a list of parts; parts of one kind go on with each other unless they have numbers of their own."""
    for at, part in objects(holder.get(name)):
        own = (*key, name, part.get("index"), part.get("type"))
        for text in _LISTS[name]:
            if isinstance(part.get(text), str):
                yield Delta((*own, text), (*path, name, at, text))
        if name == "content":
            yield from _in_parts(part, "thinking", (*path, name, at), own)


def _of_call(call: Event, path: Path, index: Any) -> Iterator[Delta]:
    number = ("place", path[-1]) if call.get("index") is None else ("index", call["index"])
    named = call.get("id")
    for kind, name in _TOOLS.items():
        tool = call.get(kind)
        if isinstance(tool, dict) and isinstance(tool.get(name), str):
            told = named if isinstance(named, str) and named else None
            yield Delta((index, "call", kind, *number), (*path, kind, name), kind == "function", told)


def alone(last: Event, delta: Delta, text: str) -> Event:
    """An event like `last` that holds nothing but `text`, a further piece of what `last` had at `delta`."""
    _, place, *inner = delta.path
    choice = _only(last["choices"][place], inner, text) | {"index": delta.key[0], "finish_reason": None}
    if delta.key[1] == "call":
        _, _, kind, by, number, *_ = delta.key
        called = {"index": number} if by == "index" or delta.call is None else {"id": delta.call}
        choice["delta"] = {"tool_calls": [called | {kind: {delta.path[-1]: text}}]}
    return {name: value for name, value in last.items() if name != "usage"} | {"choices": [choice]}


def _only(value: Any, path: list[str | int], text: str) -> Any:
    """`value` without what is beside `path`, where `text` stands, but for what says which part it is."""
    if not path:
        return text
    first, *rest = path
    inner = _only(value[first], rest, text)
    if isinstance(first, int):
        return [inner]
    return {mark: value[mark] for mark in _MARKS if mark in value} | {first: inner}


def objects(value: Any) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a list with their places; none of anything else."""
    return [(at, one) for at, one in enumerate(value) if isinstance(one, dict)] if isinstance(value, list) else []
