"""The grammar of an answer about one text, as an automaton over bytes that tells which tokens may come next.

An answer is JSON as `schemas.llm.codec.encode_answer` writes it: `type` is one of the requested types, `value` a part
of the text, and no two values occupy the same characters. Where a value stands is decided as in `schemas.llm.align`:
at its first occurrence at or behind the end of the value before it, else at its first free one. So every value is
grounded, offsets are unambiguous, and the text's length bounds the answer. Reading order is the rule but not forced: a
model that looks ahead once could not name what it passed over. Tokens may cut characters and may cross from a value
into the syntax around it: any way to tokenise an allowed answer is allowed.

A value in the making is known by where its occurrences in the text end, a set of positions: the subset construction
of the suffix automaton (Blumer et al. 1985) for one string, made as it is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate

import numpy as np

from schemas.taxonomy import EntityType
from serving.engines.llm.backends.backend import Ids
from serving.engines.llm.constraint.constraint import DONE, Constraint, Lead
from serving.engines.llm.constraint.occupied_spans import OccupiedSpans
from serving.engines.llm.constraint.syntax import Rest, Syntax, sorted_ids

Spans = Mapping[EntityType, Sequence[tuple[int, int]]]
"""Half-open spans of characters by type; an entity of such a type is one of its spans."""


class Grammar:
    """The answers about `text`."""

    def __init__(self, syntax: Syntax, text: str, spans: Spans | None = None) -> None:
        """`spans` limits the entities of its types."""
        self.syntax = syntax
        self.vocabulary = syntax.vocabulary
        escaped = list(map(_escaped, text))
        self.data = b"".join(escaped)
        self.borders = [0, *accumulate(map(len, escaped))]
        """Where each character of the text begins in `data`, and the end of the last."""
        self._is_border = bytearray(len(self.data) + 1)
        for border in self.borders:
            self._is_border[border] = 1
        self.spans = {
            kind: {(self.borders[start], self.borders[end]) for start, end in spans[kind]}
            for kind in (syntax.types if spans else ())
            if spans and kind in spans
        }
        self._tokens: dict[int, list[tuple[int, int]]] = {}

    @property
    def start(self) -> Constraint:
        """Where an answer begins."""
        return Between(self, OccupiedSpans(0, 0, ()), True, b"")

    def types(self, occupied: OccupiedSpans) -> tuple[EntityType, ...]:
        """The types of which there can be another value."""
        if occupied.size == len(self.data):
            return ()
        if not self.spans:
            return self.syntax.types
        return tuple(
            kind for kind in self.syntax.types if kind not in self.spans or any(self.free_spans(kind, occupied))
        )

    def free_spans(self, kind: EntityType, occupied: OccupiedSpans) -> Iterator[tuple[int, int]]:
        """The spans to which values of `kind` are limited and of which no other value occupies a byte."""
        return (span for span in self.spans[kind] if occupied.is_free(*span))

    def is_border(self, position: int) -> bool:
        """Whether a character begins or the text ends at `position`."""
        return bool(self._is_border[position])

    def occurrences(self, piece: bytes, occupied: OccupiedSpans) -> tuple[int, ...]:
        """Where the free occurrences of `piece` end that begin with a character."""
        ends = []
        at = self.data.find(piece)
        while at >= 0:
            if self._is_border[at] and occupied.is_free(at, at + len(piece)):
                ends.append(at + len(piece))
            at = self.data.find(piece, at + 1)
        return tuple(ends)

    def tokens(self, position: int) -> list[tuple[int, int]]:
        """The tokens that go on with the text at `position`, each with where it leaves the text.

        Those that close the value behind a character are among them; whether their syntax is allowed is left open.
        """
        tokens = self._tokens.get(position)
        if tokens is None:
            tokens, closable = self.vocabulary.read(self.data, position)
            for end in closable:
                if self._is_border[end]:
                    tokens += [(end, token) for token in self.syntax.closing(self.data[position:end])]
            self._tokens[position] = tokens
        return tokens

    def first_tokens(self, occupied: OccupiedSpans) -> Ids:
        """The tokens that go on with the text at any free character."""
        starts, ends, tokens = self._flat
        if occupied.spans:
            before, behind = np.array([(-1, -1), *occupied.spans, (len(self.data),) * 2], np.int64).T
            index = np.searchsorted(before, starts, "right")
            tokens = tokens[(behind[index - 1] <= starts) & (ends <= before[index])]
        return np.unique(tokens)

    @cached_property
    def _flat(self) -> tuple[Ids, Ids, Ids]:
        """Start, end and token of every token of every character."""
        at_borders = [self.tokens(border) for border in self.borders[:-1]]
        ends, tokens = np.array([pair for pairs in at_borders for pair in pairs], np.int64).reshape(-1, 2).T
        starts = np.repeat(np.array(self.borders[:-1], np.int64), list(map(len, at_borders)))
        return starts, ends, tokens


@dataclass(frozen=True, slots=True)
class Between:
    """Within the syntax before a value or at the end: `written` of it."""

    grammar: Grammar = field(repr=False)
    occupied: OccupiedSpans
    first: bool
    written: bytes = field(repr=False)

    @property
    def done(self) -> bool:
        """Whether the answer is complete."""
        return False

    def rests(self) -> list[Rest]:
        """What can follow."""
        rests = self.grammar.syntax.rests(self.first, self.grammar.types(self.occupied))
        return [(rest[len(self.written) :], kind) for rest, kind in rests if rest.startswith(self.written)]

    def allowed(self) -> Ids:
        """The tokens that may come next."""
        rests = self.rests()
        ids = self.grammar.syntax.along(tuple(rest for rest, _ in rests))
        vocabulary = self.grammar.vocabulary
        beyond = {
            token
            for rest, kind in rests
            if kind is not None and vocabulary.is_prefix(rest)
            for token in vocabulary.beginning(rest)
            if vocabulary.token_bytes[token] != rest and self.advance(vocabulary.token_bytes[token]) is not None
        }
        return np.union1d(ids, list(beyond)).astype(np.int64) if beyond else ids

    def advance(self, piece: bytes) -> Constraint | None:
        """The constraint after `piece`, or None where it is not allowed."""
        for rest, kind in self.rests():
            if len(piece) < len(rest):
                if rest.startswith(piece):
                    return Between(self.grammar, self.occupied, self.first, self.written + piece)
            elif piece.startswith(rest):
                if kind is None:
                    return DONE if piece == rest else None
                value = Value(self.grammar, self.occupied, kind, None, 0)
                return value.advance(piece[len(rest) :]) if piece != rest else value
        return None

    def leads(self, piece: bytes) -> Lead:
        """What becomes of the list of entities with the allowed `piece`."""
        after = self.advance(piece)
        if not isinstance(after, Between):
            return Lead.ENDS if after is DONE else Lead.GOES_ON
        ends = {kind is None for _, kind in after.rests()}
        return Lead.OPEN if len(ends) == 2 else Lead.ENDS if True in ends else Lead.GOES_ON


@dataclass(frozen=True, slots=True)
class Value:
    """Within a value of type `kind` of `length` bytes so far; its free occurrences end at `ends` (None: none begun)."""

    grammar: Grammar = field(repr=False)
    occupied: OccupiedSpans
    kind: EntityType
    ends: tuple[int, ...] | None
    length: int

    @property
    def done(self) -> bool:
        """Whether the answer is complete."""
        return False

    def allowed(self) -> Ids:
        """The tokens that may come next."""
        grammar, occupied = self.grammar, self.occupied
        if self.ends is None:
            if self.kind not in grammar.spans:
                return self._valid(grammar.first_tokens(occupied))
            starts = {start for start, _ in grammar.free_spans(self.kind, occupied)}
            return self._valid(sorted_ids(token for start in starts for _, token in grammar.tokens(start)))
        tokens = [
            token
            for position in self.ends
            for end, token in grammar.tokens(position)
            if occupied.is_free(position - self.length, end)
        ]
        ids = self._valid(sorted_ids(tokens))
        closed = self._close()
        return ids if closed is None else np.union1d(ids, closed.allowed())

    def _valid(self, ids: Ids) -> Ids:
        """Those of `ids` that are really allowed; only tokens that hold a quote or leave a span can fail."""
        pieces = self.grammar.vocabulary.token_bytes
        every = self.kind in self.grammar.spans
        wrong = [
            token for token in ids.tolist() if (every or b'"' in pieces[token]) and self.advance(pieces[token]) is None
        ]
        return np.setdiff1d(ids, wrong, assume_unique=True) if wrong else ids

    def advance(self, piece: bytes) -> Constraint | None:
        """The constraint after `piece`, or None where it is not allowed."""
        inside = self._inside(piece)
        if inside is not None:
            return inside
        quote = piece.find(b'"')
        while quote >= 0:
            value = self._inside(piece[:quote]) if quote else self
            after = value._close() if value is not None else None
            if after is not None:
                return after.advance(piece[quote:])
            quote = piece.find(b'"', quote + 1)
        return None

    def _inside(self, piece: bytes) -> Value | None:
        """The constraint after more of the value."""
        data = self.grammar.data
        length = self.length + len(piece)
        if self.ends is None:
            ends = self.grammar.occurrences(piece, self.occupied)
        else:
            grown = [end + len(piece) for end in self.ends if data.startswith(piece, end)]
            ends = tuple(end for end in grown if self.occupied.is_free(end - length, end))
        if self.kind in self.grammar.spans:
            spans = list(self.grammar.free_spans(self.kind, self.occupied))
            ends = tuple(end for end in ends if any(s == end - length and end <= e for s, e in spans))
        return Value(self.grammar, self.occupied, self.kind, ends, length) if ends else None

    def _close(self) -> Between | None:
        """The constraint where the value ends here, its quote not yet written; None where it cannot end."""
        if not self.ends or not self.grammar.is_border(self.ends[0]):
            return None
        ends, spans = self.ends, self.grammar.spans.get(self.kind)
        if spans is not None:
            if not any((end - self.length, end) in spans for end in ends):
                return None
            ends = self.grammar.occurrences(self.grammar.data[ends[0] - self.length : ends[0]], self.occupied)
        return Between(self.grammar, self.occupied.with_value(ends, self.length), False, b"")

    def leads(self, piece: bytes) -> Lead:
        """What becomes of the list of entities with the allowed `piece`."""
        after = self.advance(piece)
        if isinstance(after, Between):
            return after.leads(b"")
        return Lead.ENDS if after is DONE else Lead.INSIDE


@lru_cache(8192)
def _escaped(char: str) -> bytes:
    """The bytes of `char` in a JSON string."""
    return json.dumps(char, ensure_ascii=False)[1:-1].encode()
