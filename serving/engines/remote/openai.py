"""A model behind an OpenAI-compatible server as an engine: Ollama, llama.cpp, DashScope, OpenAI, or vLLM and SGLang.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schemas.engine import LoadedEngine, UnbiasedEngine
from schemas.errors import ModelError, RefusedTextError
from schemas.json_schema import answer_schema
from schemas.llm.free_answer import read_free_answer
from schemas.llm.prompt import messages
from schemas.options import option
from schemas.spans.entity import Entity, Example
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType, parse_types
from schemas.text.fold import fold
from schemas.text.text import Text
from serving.engines.remote.server import UnprovenRefusalError
from serving.engines.repeated_names import repeatable_names, with_names

if TYPE_CHECKING:
    from serving.engines.remote.server import Server

_SCORE = 1.0
_REPEATED = 6
"""Letters and digits of a value that is marked wherever it stands, though the model may name it once."""
_PARTIAL = ("length", "content_filter")
"""Why a server ends an answer before the model does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Which server and model, and how it is asked."""

    model: str = option("", "URL#MODEL of an OpenAI-compatible server; $OPENAI_API_KEY is sent")
    schema: bool = option(False, "have the server enforce the JSON Schema of the answer")
    few_shot: bool = option(False, "show the model three examples; for models without training")
    concurrency: int = option(8, "how many requests run at once", least=1)
    timeout: float = option(120.0, "seconds after which a request is given up and sent again", least=1)
    input_price: float = option(0.0, "price of a million tokens read, for reports", least=0)
    output_price: float = option(0.0, "price of a million tokens written, for reports", least=0)


def load(config: Config) -> LoadedEngine:
    """The engine of `config`. Raises ModelError for an address that is none."""
    from serving import engines
    from serving.engines.escapes import EscapeReader
    from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES
    from serving.engines.remote.server import Server, split_address

    url, model = split_address(config.model)
    if not url or not model:
        raise ModelError("openai: needs an address and a model, as in openai:http://localhost:8000/v1#qwen3-8b")
    engine = RemoteEngine(
        Server(f"{url.rstrip('/')}/chat/completions", connections=config.concurrency, timeout=config.timeout),
        model,
        examples=FEW_SHOT_EXAMPLES if config.few_shot else (),
        schema=config.schema,
        concurrency=config.concurrency,
    )
    return LoadedEngine(EscapeReader(engine), f"{model} at {url}", code=(engines,), width=config.concurrency)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a server wrote, and how many tokens it read and wrote; the content stays out of `repr`.

    `cut` is whether it was not allowed to write more, or the server took a part of it out.
    """

    content: str = field(repr=False)
    read: int = 0
    written: int = 0
    cut: bool = False


class RemoteEngine(UnbiasedEngine):
    """Asks for chat completions. Every text is a request of its own, of which `concurrency` run at once."""

    def __init__(
        self,
        server: Server,
        model: str,
        *,
        examples: Sequence[Example] = (),
        schema: bool = False,
        concurrency: int = 8,
    ) -> None:
        """Ask `model` at `server`, which with `schema` holds the answer to the answer's JSON Schema."""
        self._server, self._model = server, model
        self._examples, self._schema, self._concurrency = tuple(examples), schema, concurrency
        self._is_proven = False

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it; every score is 1.0.

        Values that are not in the text are left out, and further mentions of the others are added. Raises ModelError
        when the server stays away or writes nothing that can be read, RefusedTextError when it refuses texts, cuts the
        answers about them off, or writes anything but JSON of the asked form with types of the taxonomy: no text
        passes as searched that was not.
        """
        from serving.engines.remote.each_text import for_each_text

        requested = parse_types(types)
        checked = [Text.of(text) for text in texts]
        return for_each_text(lambda text: self._detect(text, requested), checked, self._concurrency)

    def _detect(self, text: str, types: Sequence[EntityType]) -> Prediction:
        completion = self._complete(text, types)
        if completion is None:
            raise RefusedTextError(f"the model's server refuses a text of {len(text)} characters")
        if completion.cut:
            raise self._fault("the server cut the model's answer off")
        answer = read_free_answer(text, completion.content, types)
        if not answer.valid:
            raise self._fault("the model's answer is not JSON of the right form")
        if answer.foreign:
            raise self._fault("the model names types that do not exist; the option schema keeps it to those that do")
        self._is_proven = True
        return Prediction(text, _with_repeats(text, answer.entities))

    def _fault(self, told: str) -> ModelError | RefusedTextError:
        """The error of an answer: that of its text alone once another one could be read."""
        return (RefusedTextError if self._is_proven else UnprovenRefusalError)(f"{self._server.url}: {told}")

    def complete(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Completion | None]:
        """What the server writes about each of `texts`, in order; None where it refuses one though it answers others.

        Raises ModelError, without the text, when it refuses all or stays away.
        """
        from serving.engines.remote.each_text import for_each_text

        return for_each_text(lambda text: self._complete(text, types), texts, self._concurrency)

    def _complete(self, text: str, types: Sequence[EntityType]) -> Completion | None:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": messages(text, types, self._examples),
            "temperature": 0,
        }
        if self._schema:
            schema = {"name": "entities", "strict": True, "schema": answer_schema(types)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        answer = self._server.post(body)
        if answer is None:
            return None
        try:
            choice = answer["choices"][0]
            content, cut = choice["message"]["content"] or "", choice.get("finish_reason") in _PARTIAL
            usage = answer.get("usage") or {}
            read, written = (int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens"))
        except (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError):
            raise ModelError(f"{self._server.url}: the answer is not a chat completion") from None
        return Completion(str(content), read, written, cut)


def _with_repeats(text: str, entities: Sequence[Entity]) -> tuple[Detection, ...]:
    """Detections of `entities`, and of their names and long values wherever else these stand."""
    folded = fold(text)
    detections = [Detection(entity, _SCORE, "model") for entity in entities]
    named = repeatable_names(folded, detections)
    for found in detections:
        value = folded[found.entity.start : found.entity.end]
        if found.type is not EntityType.DATE_OF_BIRTH and sum(map(str.isalnum, value)) >= _REPEATED:
            named.setdefault(value, found)
    return with_names(folded, detections, named)
