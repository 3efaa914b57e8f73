"""Drafts: guesses at how an answer goes on, which the model checks many at a time and which change nothing.

Speculative decoding (Leviathan et al. 2023) with drafts that need no second language model: the syntax that the
grammar leaves no choice about, the text itself inside a value (prompt lookup), and, where another detector has read
the text, the answer that its entities would give.
"""

import re
from collections.abc import Callable, Sequence

from schemas.spans.entity import Entity
from serving.engines.llm.constraint.constraint import State
from serving.engines.llm.constraint.grammar import Between, Grammar, Value

_RUN = re.compile(rb"[0-9]+|[A-Za-z]+|(?:[\xc2-\xf4][\x80-\xbf]+){1,3}")
"""What is likely to stand in a value together: digits, Latin letters, up to three characters of another script."""


class Draft:
    """Guesses about one text, under its grammar."""

    def __init__(
        self,
        grammar: Grammar,
        encode: Callable[[str], list[int]],
        *,
        copy: bool = True,
        guess: Sequence[Entity] | None = None,
    ) -> None:
        """Guess the syntax; inside a value the text, when `copy`; or, where there is a `guess`, that it is the answer.

        `encode` tokenises plain text.
        """
        self._grammar = grammar
        self._encode = encode
        self._copy = copy
        borders = grammar.borders
        self._guess = [(borders[entity.start], borders[entity.end], entity.type) for entity in guess or ()]
        self._guesses = guess is not None

    def tokens(self, state: State, written: bytes, tokens: Sequence[int]) -> list[int]:
        """The tokens that may follow at `state`, where the answer consists of `tokens`, with bytes `written`."""
        more = self._after(state)
        try:
            ids = self._encode((written + more).decode()) if more else []
        except UnicodeDecodeError:  # a character is cut
            return []
        return ids[len(tokens) :] if ids[: len(tokens)] == list(tokens) else []

    def _after(self, state: State) -> bytes:
        """The bytes that are guessed to follow at `state`."""
        parts: list[bytes] = []
        after: State | None = state
        while after is not None and not after.done:
            part = self._between(after) if isinstance(after, Between) else self._value(after)
            after = after.advance(part) if part else None
            if after is not None:
                parts.append(part)
        return b"".join(parts)

    def _between(self, state: Between) -> bytes:
        rests = state.rests()
        if self._guesses:
            kind = next((kind for start, _, kind in self._guess if start >= state.taken.cursor), None)
            for rest, its_kind in rests:
                if its_kind == kind:
                    return rest
        shared = rests[0][0]
        for rest, _ in rests:
            while not rest.startswith(shared):
                shared = shared[:-1]
        return shared

    def _value(self, state: State) -> bytes:
        if not isinstance(state, Value):
            return b""
        data = self._grammar.data
        if state.ends is None:
            places = [
                (start, end) for start, end, kind in self._guess if start >= state.taken.cursor and kind == state.kind
            ]
            return data[slice(*places[0])] if places else b""
        for start, end, _ in self._guess:
            if start + state.length in state.ends and end >= start + state.length:
                return data[start + state.length : end] or b'"'
        run = _RUN.match(data, state.ends[0]) if self._copy else None
        return run.group() if run else b""
