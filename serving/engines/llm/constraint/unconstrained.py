"""Baselines of the grammar: no constraint at all, and the JSON Schema without the text."""

import json
from collections.abc import Sequence
from functools import cache

import numpy as np
from llguidance import LLMatcher, LLTokenizer
from llguidance.numpy import allocate_token_bitmask, fill_next_token_bitmask

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.json_schema import answer_schema
from schemas.taxonomy import EntityType
from serving.engines.llm.backends.backend import Ids
from serving.engines.llm.constraint.constraint import Constraint, Lead
from serving.engines.llm.constraint.vocabulary import Vocabulary


class Free:
    """Anything may be written."""

    done = False

    def allowed(self) -> None:
        """Every token."""

    def advance(self, piece: bytes) -> "Free":
        """The same."""
        return self

    def leads(self, piece: bytes) -> Lead:
        """Unknown."""
        return Lead.OPEN


class UnderSchema:
    """JSON of the answer's schema, with any value. It changes as it advances, so nothing can be drafted."""

    done = False

    def __init__(self, vocabulary: Vocabulary, tokenizer: LLTokenizer, types: Sequence[EntityType]) -> None:
        """`tokenizer` is llguidance's view of the same tokens."""
        self._matcher = LLMatcher(tokenizer, _grammar(tuple(types)))
        self._vocabulary = vocabulary
        self._mask = allocate_token_bitmask(1, tokenizer.vocab_size)

    def allowed(self) -> Ids:
        """The tokens that may come next."""
        fill_next_token_bitmask(self._matcher, self._mask, 0)
        bits = np.unpackbits(self._mask.view(np.uint8), bitorder="little")
        return np.flatnonzero(bits)

    def advance(self, piece: bytes) -> "UnderSchema":
        """The same, after `piece`."""
        self._matcher.consume_token(self._vocabulary.token(piece))
        return self

    def leads(self, piece: bytes) -> Lead:
        """Unknown."""
        return Lead.OPEN


@cache
def _grammar(types: tuple[EntityType, ...]) -> str:
    grammar: str = LLMatcher.grammar_from_json_schema(
        json.dumps(answer_schema(types)), defaults={"whitespace_flexible": False}
    )
    return grammar


@cache
def _tokenizer(chat: ChatTokenizer) -> LLTokenizer:
    return LLTokenizer(chat.to_json(), eos_token=chat.end)


def baseline(kind: str, vocabulary: Vocabulary, chat: ChatTokenizer, types: Sequence[EntityType]) -> Constraint:
    """The constraint of a whole answer: nothing at all for `kind` "none", the JSON Schema for "schema"."""
    return Free() if kind == "none" else UnderSchema(vocabulary, _tokenizer(chat), types)
