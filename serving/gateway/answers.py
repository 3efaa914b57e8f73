"""Puts the values back into answers: whole ones, and those that come as events."""

import json
import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from serving.gateway.json_pieces import JsonPieces
from serving.gateway.protocols.protocol import Delta, Event, Key, LlmProtocol
from serving.gateway.sse import ServerEvent, StreamError
from serving.redaction import ReplacementMap, restore_json
from serving.redaction.json_text import JsonError, Leaf, Path, is_structure
from serving.redaction.restorer import Piece, StandInFinder, joined

_END = "[DONE]"
"""Data of the last event of OpenAI's streams."""


def restore_answer(text: str, protocol: LlmProtocol, replacement_map: ReplacementMap) -> str:
    """The JSON text of an answer with the values in the place of their stand-ins. Raises JsonError for no JSON."""
    return restore_json(text, replacement_map, lambda leaf: leaf.path not in protocol.sealed, _in_arguments)[0]


def _in_arguments(leaf: Leaf) -> bool:
    """Whether a leaf is one of the arguments of a tool call, which alone may be numbers again."""
    return not leaf.path or "input" in leaf.path


class _Piecewise:
    """Restores a text of which pieces come, and knows where the last of them stood."""

    def __init__(self, replacement_map: ReplacementMap, delta: Delta) -> None:
        self._finder = StandInFinder(replacement_map)
        self._json = JsonPieces() if delta.in_json else None
        self.delta = delta
        self.last: Event = {}

    def feed(self, piece: str) -> str:
        return self._written(self._finder.feed(piece if self._json is None else self._json.feed(piece)))

    def close(self) -> str:
        last = "" if self._json is None else self._json.close()
        return self._written(chain(self._finder.feed(last), self._finder.close()))

    def _written(self, pieces: Iterator[Piece]) -> str:
        if self._json is None:
            return joined(pieces)
        parts = [(self._json.take(len(one.text)), one.value) for one in pieces]
        return "".join(
            written if value is None else json.dumps(value, ensure_ascii=False)[1:-1] for written, value in parts
        )


class EventRestorer:
    """Restores the events of a stream; what may be the beginning of a stand-in waits for the next of its pieces."""

    def __init__(self, protocol: LlmProtocol, replacement_map: ReplacementMap) -> None:
        """Put back the values of `replacement_map`."""
        self._protocol, self._map = protocol, replacement_map
        self._texts: dict[Key, _Piecewise] = {}
        self._calls: dict[Key, str] = {}

    def feed(self, event: ServerEvent) -> Iterator[ServerEvent]:
        """Yield what the client gets when `event` has come. Raises StreamError for data that is not JSON."""
        data = event.data
        if data is None or not data.strip():
            yield event
        elif data.strip() == _END:
            yield from self.close()
            yield event
        else:
            yield from self._restored(event, data)

    def close(self) -> Iterator[ServerEvent]:
        """Yield what was held back."""
        for key in list(self._texts):
            yield from self._flush(key)

    def _restored(self, event: ServerEvent, data: str) -> Iterator[ServerEvent]:
        try:
            parsed = json.loads(data)
            deltas = list(map(self._named, self._protocol.deltas(parsed))) if isinstance(parsed, dict) else []
            pieces = {delta.path for delta in deltas}
            restored: Any = json.loads(
                restore_json(
                    data,
                    self._map,
                    lambda leaf: leaf.path not in pieces and leaf.path not in self._protocol.sealed,
                    _in_arguments,
                )[0],
                parse_float=_finite,
            )
        except (JsonError, ValueError, RecursionError):
            raise StreamError("an event that is not JSON") from None
        whole = {delta.key for delta in deltas if delta.key not in self._texts and _is_whole(parsed, delta)}
        for delta in deltas:
            if delta.key not in self._texts:
                self._texts[delta.key] = _Piecewise(self._map, delta)
            text = self._texts[delta.key]
            text.delta = delta
            holder, name = _holder(restored, delta.path)
            holder[name] = text.feed(holder[name])
            text.last = restored
        if isinstance(parsed, dict):
            for key in [key for key in self._texts if key in whole or self._protocol.ends(parsed, key)]:
                yield from self._flush(key, restored if any(delta.key == key for delta in deltas) else None)
        yield event.with_data(_dumped(restored))

    def _named(self, delta: Delta) -> Delta:
        """A piece with the id of its call: its own, or that of the last call with this key."""
        if delta.call is not None:
            self._calls[delta.key] = delta.call
        call = self._calls.get(delta.key)
        return delta if call is None else replace(delta, key=(*delta.key, call), call=call)

    def _flush(self, key: Key, within: Event | None = None) -> Iterator[ServerEvent]:
        """Send the rest of a text: at the end of its last piece `within` an event, or in an event of its own."""
        text = self._texts.pop(key)
        rest = text.close()
        if not rest:
            return
        if within is None:
            made = self._protocol.flush(text.last, text.delta, rest)
            named = [f"event: {made['type']}"] if isinstance(made.get("type"), str) else []
            yield ServerEvent(named).with_data(_dumped(made))
            return
        holder, name = _holder(within, text.delta.path)
        holder[name] += rest


def _is_whole(event: Event, delta: Delta) -> bool:
    """Whether a piece is all of a JSON document, after which nothing comes: some providers send calls whole."""
    holder, name = _holder(event, delta.path)
    return delta.in_json and is_structure(holder[name])


def _finite(number: str) -> float:
    """A number of an event. Raises ValueError for one that JSON could not write again."""
    if math.isinf(value := float(number)):
        raise ValueError
    return value


def _holder(event: Any, path: Path) -> tuple[Any, str | int]:
    """What holds the value at `path` of an event, and its name or place there."""
    for part in path[:-1]:
        event = event[part]
    return event, path[-1]


def _dumped(event: Any) -> str:
    written = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    halves = any("\ud800" <= char <= "\udfff" for char in written)  # of a character that the provider cut
    return json.dumps(event, separators=(",", ":")) if halves else written
