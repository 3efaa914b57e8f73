"""An LLM of ours behind a server that holds its answers to the text: the question in tokens, the grammar beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.engine import UnbiasedEngine
from schemas.errors import ModelError, RecordError, RefusedTextError
from schemas.llm.codec import close_answer, decode_answer
from schemas.llm.prompt import question
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType, parse_types
from schemas.text.text import Text
from serving.engines.llm.answers import WrittenAnswer
from serving.engines.llm.constraint.lark import lark
from serving.engines.llm.segmented import BUDGET, LEAST, detect_in_segments
from serving.engines.remote.each_text import for_each_text
from serving.engines.remote.server import Server

_ROUNDING = 1e-3
"""By how much the logarithm of a probability may be above 0."""
_SHORT_BUDGET = 1024
"""Most tokens in an answer about `LEAST` characters or fewer, which are not halved once more."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a server wrote: the ids of the tokens, the logarithms of their probabilities, and their text.

    `cut` is whether the answer ended because it took too many tokens. Raises TypeError or ValueError for what cannot be
    so, such as a logarithm that is no number.
    """

    ids: Sequence[int] = field(repr=False)
    log_probabilities: Sequence[float]
    text: str = field(repr=False)
    cut: bool

    def __post_init__(self) -> None:
        if not isinstance(self.text, str) or not all(isinstance(token, int) for token in self.ids):
            raise TypeError
        if len(self.ids) != len(self.log_probabilities):
            raise ValueError
        if not all(math.isfinite(one) and one < _ROUNDING for one in self.log_probabilities):
            raise ValueError


class Api(Protocol):
    """How a kind of server is asked, and how its answers read."""

    def body(self, prompt: Sequence[int], grammar: str, budget: int) -> dict[str, Any]:
        """The request to go on from the tokens `prompt` under `grammar`, with at most `budget` tokens."""
        ...

    def written(self, answer: Any) -> Written:
        """What `answer`, the JSON of a response, says. Raises LookupError, TypeError or ValueError for another form."""
        ...


class GroundedEngine(UnbiasedEngine):
    """Asks a server the question that adapters are trained on, in tokens: no text can become a control token."""

    def __init__(self, server: Server, api: Api, chat: ChatTokenizer, concurrency: int = 8) -> None:
        """Ask `server` by its `api`, in the tokens of `chat`, `concurrency` requests at once."""
        self._server, self._api, self._chat, self._concurrency = server, api, chat, concurrency
        self._token_bytes = chat.token_bytes()

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it; scores are those of `serving.engines.llm.answers`.

        Raises ModelError when the server stays away, does not hold an answer to the grammar or has another tokenizer,
        RefusedTextError when it refuses texts: no text passes as searched that was not.
        """
        requested = parse_types(types)
        checked = [Text.of(text) for text in texts]
        with ThreadPoolExecutor(self._concurrency) as requests:

            def answer(parts: Sequence[str]) -> list[WrittenAnswer]:
                return list(requests.map(lambda part: self.answer(part, requested), parts))

            return for_each_text(lambda text: detect_in_segments([text], answer)[0], checked, self._concurrency)

    def answer(self, part: str, types: Sequence[EntityType]) -> WrittenAnswer:
        """What the model writes about a text that is not empty. Raises as `detect` does."""
        url = self._server.url
        prompt = self._chat.prompt(question(part, types))
        budget = BUDGET + len(part) if len(part) > LEAST else _SHORT_BUDGET
        answer = self._server.post(self._api.body(prompt, lark(part, types), budget))
        if answer is None:
            raise RefusedTextError(f"the model's server refuses a text of {len(part)} characters")
        try:
            written = self._api.written(answer)
        except (LookupError, TypeError, ValueError, ArithmeticError):
            raise ModelError(f"{url}: the answer has no tokens with probabilities") from None
        if written.cut and len(written.ids) < budget:
            least = f"{len(prompt) + budget} tokens in all"
            raise ModelError(f"{url}: the server cuts answers off; it must take questions with answers of {least}")
        tokens = [self._token_bytes.get(token, b"") for token in written.ids]
        read = WrittenAnswer(tokens, [min(one, 0.0) for one in written.log_probabilities])
        if not self._is_written(written, read):
            raise ModelError(f"{url}: the server has another tokenizer than the adapter")
        if not _follows_grammar(read.answer, written.cut, part, types):
            raise ModelError(f"{url}: the server does not hold the answer to the grammar")
        if written.cut and len(part) <= LEAST:
            raise RefusedTextError(f"the model repeats itself about a text of {len(part)} characters")
        return read

    def _is_written(self, written: Written, read: WrittenAnswer) -> bool:
        """Whether the tokens, as `read` here, are the text of the server; of a cut one half a character may be off."""
        known = all(token in self._token_bytes or token == self._chat.end for token in written.ids)
        if not written.cut:
            return known and read.answer == written.text
        ours, theirs = read.answer.rstrip("\ufffd"), written.text.rstrip("\ufffd")
        return known and bool(theirs) and (ours.startswith(theirs) or theirs.startswith(ours))


def _follows_grammar(answer: str, cut: bool, part: str, types: Sequence[EntityType]) -> bool:
    """Whether `answer` can have been written under the grammar, as far as its whole items tell."""
    closed = close_answer(answer)
    try:
        mentions = decode_answer(closed)
    except RecordError:
        return False
    return (cut or answer == closed) and all(mention.type in types and mention.value in part for mention in mentions)


def load_chat(folder: Path | None, name: str) -> ChatTokenizer:
    """The tokenizer of the adapter or model that `pii-sft train` or `export` wrote to `folder`, or of its base.

    Raises ModelError where there is none, FingerprintError for a model of another contract; `name` is the engine's.
    """
    from tokenizers import Tokenizer

    from schemas.checkpoint.adapter import AdapterManifest

    if folder is None:
        raise ModelError(f"{name}: needs adapter=FOLDER, which `pii-sft train` or `pii-sft export` wrote")
    base = Path(AdapterManifest.read(folder).base.model)
    file = next((file for place in (folder, base) if (file := place / "tokenizer.json").is_file()), None)
    if file is None:
        raise ModelError(f"{folder}: has no tokenizer.json, and its base is not here; copy that file of the base to it")
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception:  # tokenizers raises no other kind
        raise ModelError(f"{file}: no tokenizer") from None
    return ChatTokenizer(tokenizer, str(file))
