"""The LLM's view of a prompt: one class owns the token ids, where the loss lies, and how ids become text again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from schemas.errors import ModelError
from schemas.llm.codec import answer_parts
from schemas.llm.prompt import IM_END, IM_START, PromptPiece, tokenize_pieces
from schemas.spans.tags import Span

_PRINTABLE = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_OTHER = [byte for byte in range(0x100) if byte not in _PRINTABLE]
_BYTES = {chr(byte): byte for byte in _PRINTABLE} | {chr(0x100 + number): byte for number, byte in enumerate(_OTHER)}
"""The byte that each character stands for in the names of a byte-level BPE's tokens (Radford et al. 2019, GPT-2)."""

_PROBE = "张三ＡＢ１２3 e\u0301\r\n\t<|im_end|>😀\u3000é𠮷"


class FastTokenizer(Protocol):
    """The part of `tokenizers.Tokenizer` that is used here."""

    encode_special_tokens: bool

    @classmethod
    def from_str(cls, json: str) -> Self:
        """The tokenizer of a file."""
        ...

    def encode(self, sequence: Any, *, add_special_tokens: bool = ...) -> Any:
        """Tokenise one text."""
        ...

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = ...) -> str:
        """The text of `ids`."""
        ...

    def token_to_id(self, token: str) -> int | None:
        """The id of one token."""
        ...

    def get_vocab(self, with_added_tokens: bool = ...) -> dict[str, int]:
        """The ids of all tokens."""
        ...

    def to_str(self) -> str:
        """The tokenizer's file."""
        ...

    def get_added_tokens_decoder(self) -> Mapping[int, Any]:
        """The tokens that were added to the vocabulary, control tokens among them, by id."""
        ...


@dataclass(frozen=True, slots=True)
class EncodedExample:
    """The tokens of a training example; all lists have one item for each token.

    `ids` are the token ids; `loss` says which of them a model learns to write. At `decisions` the list of entities
    goes on or ends; `free` are the tokens at which the writer of an answer has any choice.
    """

    ids: list[int] = field(repr=False)
    loss: list[bool]
    decisions: list[bool]
    free: list[bool]


class ChatTokenizer:
    """A byte-level BPE tokenizer of the Qwen family under the contract's rules.

    Normalisation is off, so that a value is copied as it stands in the text, and text cannot become a control token,
    nor any other that was added to the vocabulary, such as `<think>` or `<tool_call>`.
    """

    def __init__(self, tokenizer: FastTokenizer, name: str) -> None:
        """Take a copy of `tokenizer`; `name` is for messages.

        Raises ModelError when it lacks the control tokens of ChatML, or does not give a text back as it was.
        """
        self._tokenizer = tokenizer = _literal(tokenizer)
        self._controls = {}
        for token in (IM_START, IM_END):
            token_id = tokenizer.token_to_id(token)
            if token_id is None:
                raise ModelError(f"{name}: the tokenizer has no {token}; a base of the Qwen2 family is needed")
            self._controls[token] = token_id
        if self.decode(self.encode(_PROBE)) != _PROBE:
            raise ModelError(f"{name}: the tokenizer does not give text back as it was; a byte-level BPE is needed")

    @property
    def end(self) -> int:
        """The id of the token that ends an answer."""
        return self._controls[IM_END]

    def encode(self, text: str) -> list[int]:
        """The ids of plain text, without special tokens."""
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of `ids`; bytes that are no UTF-8 become U+FFFD."""
        return self._tokenizer.decode(list(ids), skip_special_tokens=False)

    def to_json(self) -> str:
        """The tokenizer's file."""
        return self._tokenizer.to_str()

    def token_bytes(self) -> dict[int, bytes]:
        """The bytes of each token that stands for text, by its id."""
        added = self._tokenizer.get_added_tokens_decoder()
        return {
            token: bytes(_BYTES[char] for char in name)
            for name, token in self._tokenizer.get_vocab(with_added_tokens=False).items()
            if token not in added
        }

    def prompt(self, pieces: Iterable[PromptPiece]) -> list[int]:
        """The ids of a question."""
        return tokenize_pieces(pieces, self.encode, self._controls.__getitem__)[0]

    def example(self, pieces: Sequence[PromptPiece]) -> EncodedExample:
        """The tokens of what `schemas.llm.prompt.training_example` returns."""
        ids, loss = tokenize_pieces(pieces, self.encode, self._controls.__getitem__)
        decisions, free = [False] * len(ids), [False] * len(ids)
        answer = pieces[-2].text
        offsets: list[Span] = self._tokenizer.encode(answer, add_special_tokens=False).offsets
        first = len(ids) - 1 - len(offsets)
        for part in answer_parts(answer):
            for index, (start, stop) in enumerate(offsets, start=first):
                if start < part.end and part.start < stop:
                    free[index] = True
                    decisions[index] = decisions[index] or part.decision
        return EncodedExample(ids, loss, decisions, free)

    def dialogue(self, pieces: Sequence[PromptPiece]) -> EncodedExample:
        """The tokens of what `schemas.llm.prompt.dialogue` returns: every token with loss is free, none a decision."""
        ids, loss = tokenize_pieces(pieces, self.encode, self._controls.__getitem__)
        return EncodedExample(ids, loss, [False] * len(ids), loss)


def _literal(tokenizer: FastTokenizer) -> FastTokenizer:
    """The same tokenizer without normalisation, which reads no added token out of a text."""
    file = json.loads(tokenizer.to_str())
    file["normalizer"] = None
    for token in file["added_tokens"]:
        token["special"] = True  # `encode_special_tokens` is about these alone
    literal = type(tokenizer).from_str(json.dumps(file))
    literal.encode_special_tokens = True
    return literal
