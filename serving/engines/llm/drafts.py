"""Drafts: guesses at how an answer goes on, which the model checks many at a time and which change nothing.

Speculative decoding (Leviathan et al. 2023) with drafts that need no second language model: the syntax that the
grammar leaves no choice about, the text itself inside a value (prompt lookup), and, where another detector has read
the text, the answer that its entities would give.
"""

import re
from collections.abc import Callable, Sequence

from schemas.spans.entity import Entity
from serving.engines.llm.constraint.constraint import Constraint
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

    def tokens(self, constraint: Constraint, written: bytes, tokens: Sequence[int]) -> list[int]:
        """The tokens that may follow under `constraint` in an answer of `tokens`, whose bytes are `written`."""
        more = self._after(constraint)
        try:
            ids = self._encode((written + more).decode()) if more else []
        except UnicodeDecodeError:  # a character is cut
            return []
        return ids[len(tokens) :] if ids[: len(tokens)] == list(tokens) else []

    def _after(self, constraint: Constraint) -> bytes:
        """The bytes that are guessed to follow under `constraint`."""
        parts: list[bytes] = []
        after: Constraint | None = constraint
        while after is not None and not after.done:
            part = self._between(after) if isinstance(after, Between) else self._value(after)
            after = after.advance(part) if part else None
            if after is not None:
                parts.append(part)
        return b"".join(parts)

    def _between(self, between: Between) -> bytes:
        rests = between.rests()
        if self._guesses:
            kind = next((kind for start, _, kind in self._guess if start >= between.occupied.cursor), None)
            for rest, its_kind in rests:
                if its_kind == kind:
                    return rest
        shared = rests[0][0]
        for rest, _ in rests:
            while not rest.startswith(shared):
                shared = shared[:-1]
        return shared

    def _value(self, value: Constraint) -> bytes:
        if not isinstance(value, Value):
            return b""
        data = self._grammar.data
        if value.ends is None:
            cursor = value.occupied.cursor
            spans = [(start, end) for start, end, kind in self._guess if start >= cursor and kind == value.kind]
            return data[slice(*spans[0])] if spans else b""
        for start, end, _ in self._guess:
            if start + value.length in value.ends and end >= start + value.length:
                return data[start + value.length : end] or b'"'
        run = _RUN.match(data, value.ends[0]) if self._copy else None
        return run.group() if run else b""
