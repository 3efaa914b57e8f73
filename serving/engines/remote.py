"""A model behind an OpenAI-compatible server as an engine: vLLM, SGLang, Ollama, llama.cpp, DashScope, OpenAI.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from schemas.engine import LoadedEngine, UnbiasedEngine
from schemas.errors import ModelError
from schemas.json_schema import answer_schema
from schemas.llm.free_answer import read_free_answer
from schemas.llm.prompt import messages
from schemas.options import option
from schemas.spans.entity import Example
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType, parse_types
from schemas.text.text import Text

if TYPE_CHECKING:
    import httpx2

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_REFUSED = frozenset({400, 413, 422})
"""What a server says to a single request: too long, or inspected and refused."""
_ATTEMPTS = 6
_LONGEST_WAIT = 30.0
_SCORE = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Which server and model, and how it is asked."""

    model: str = option("", "URL#MODEL of an OpenAI-compatible server; $OPENAI_API_KEY is sent")
    schema: bool = option(False, "have the server enforce the JSON Schema of the answer")
    few_shot: bool = option(False, "show the model three examples; for models without training")
    concurrency: int = option(8, "how many requests run at once", least=1)
    read: float = option(0.0, "price of a million tokens read, for reports", least=0)
    written: float = option(0.0, "price of a million tokens written, for reports", least=0)


def load(config: Config) -> LoadedEngine:
    """The engine of `config`. Raises ModelError for an address that is none."""
    import sys

    from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES

    url, _, model = config.model.partition("#")
    if not url.startswith(("http://", "https://")) or not model:
        raise ModelError("openai: needs an address and a model, as in openai:http://localhost:8000/v1#qwen3-8b")
    engine = RemoteEngine(
        url,
        model,
        os.environ.get("OPENAI_API_KEY"),
        examples=FEW_SHOT_EXAMPLES if config.few_shot else (),
        schema=config.schema,
        concurrency=config.concurrency,
    )
    return LoadedEngine(engine, f"{model} at {url}", code=(sys.modules[__name__],), width=config.concurrency)


@dataclass(frozen=True, slots=True)
class Completion:
    """What a server wrote, and how many tokens it read and wrote; the content stays out of `repr`."""

    content: str = field(repr=False)
    read: int = 0
    written: int = 0


class RemoteEngine(UnbiasedEngine):
    """Asks `POST {url}/chat/completions`.

    Every text is a request of its own, of which `concurrency` run at once. Requests that fail for a passing reason
    (no connection, a time-out, the statuses 408, 429, 500, 502, 503, 504) are sent six times at most, after the wait
    that the server asks for, or one that doubles from one second.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        examples: Sequence[Example] = (),
        schema: bool = False,
        concurrency: int = 8,
        timeout: float = 120.0,
        client: httpx2.Client | None = None,
        first_wait: float = 1.0,
    ) -> None:
        """Ask `model` with the API key `key`; with `schema` the server holds the answer to the answer's JSON Schema.

        `timeout` and `first_wait` are seconds. `client` replaces the HTTP client. Raises ModelError
        for a key that no header can carry.
        """
        import httpx2

        if key and not key.isascii():
            raise ModelError("the API key has characters outside ASCII")
        self._errors = httpx2.RequestError
        self._client = client or httpx2.Client(timeout=timeout)
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._model, self._examples, self._schema = model, tuple(examples), schema
        self._concurrency, self._first_wait = concurrency, first_wait
        self._has_answered = False

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """As `schemas.engine.Engine` has it; every score is 1.0.

        Values that are not in the text are left out. Raises ModelError when the server stays away, refuses a text, or
        writes anything but JSON of the asked form: no text passes as searched that was not.
        """
        requested = parse_types(types)
        checked = [Text.of(text) for text in texts]
        completions = self.complete(checked, requested)
        return [self._prediction(*pair, requested) for pair in zip(checked, completions, strict=True)]

    def _prediction(self, text: str, completion: Completion | None, types: Sequence[EntityType]) -> Prediction:
        if completion is None:
            raise ModelError(f"{self._url}: the server refuses a text of {len(text)} characters")
        answer = read_free_answer(text, completion.content, types)
        if not answer.valid:
            raise ModelError(f"{self._url}: the model's answer is not JSON of the right form")
        return Prediction(text, tuple(Detection(entity, _SCORE, "model") for entity in answer.entities))

    def complete(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Completion | None]:
        """What the server writes about each of `texts`, in order; None where it refuses one though it answers others.

        Raises ModelError, without the text, when it refuses all or stays away.
        """
        with ThreadPoolExecutor(self._concurrency) as pool:
            return list(pool.map(lambda text: self._complete(text, types), texts))

    def _complete(self, text: str, types: Sequence[EntityType]) -> Completion | None:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": messages(text, types, self._examples),
            "temperature": 0,
        }
        if self._schema:
            schema = {"name": "entities", "strict": True, "schema": answer_schema(types)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        answer = self._post(body)
        if answer is None:
            return None
        try:
            content = answer["choices"][0]["message"]["content"] or ""
            usage = answer.get("usage") or {}
            counts = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
        except (KeyError, IndexError, TypeError, AttributeError, ValueError):
            raise ModelError(f"{self._url}: the answer is not a chat completion") from None
        self._has_answered = True
        return Completion(str(content), *counts)

    def _post(self, body: dict[str, Any]) -> Any:
        """The JSON of the answer; None where the server refuses this request though it answers others."""
        wait = self._first_wait
        problem = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            try:
                response = self._client.post(self._url, json=body, headers=self._headers)
            except self._errors as error:
                problem = type(error).__name__
                continue
            problem = f"status {response.status_code}"
            if response.status_code in _RETRIED:
                wait = _asked_wait(response.headers.get("Retry-After"), wait)
                continue
            if response.status_code in _REFUSED and self._has_answered:
                return None
            if response.is_success:
                try:
                    return response.json()
                except ValueError:
                    problem = "an answer that is not JSON"
            break
        raise ModelError(f"{self._url}: {problem}")


def _asked_wait(header: str | None, usual: float) -> float:
    return min(float(header), _LONGEST_WAIT) if header and header.isdecimal() else usual
