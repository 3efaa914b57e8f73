"""A model behind an OpenAI-compatible server: vLLM, Ollama, llama.cpp, DashScope, OpenAI."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2

from eval.answers import read_reply
from eval.system import Answered, Reply
from schemas.errors import ModelError
from schemas.json_schema import answer_schema
from schemas.llm.prompt import messages
from schemas.spans.entity import Example
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_REFUSED = frozenset({400, 413, 422})
"""What a server says to a single request: too long, or inspected and refused."""
_ATTEMPTS = 6
_LONGEST_WAIT = 30.0


class ChatApi:
    """Asks `POST {url}/chat/completions`; itself an `eval.system.Candidate`.

    Every text is a request of its own, of which `concurrency` run at once. Requests that fail for a passing reason
    (no connection, a time-out, the statuses 408, 429, 500, 502, 503, 504) are sent six times at most, after the wait
    that the server asks for, or one that doubles from one second. A request that is refused (400, 413, 422) counts as
    an invalid answer once another one was answered.
    """

    def __init__(
        self,
        url: str,
        model: str,
        key: str | None = None,
        *,
        shots: Sequence[Example] = (),
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
        if key and not key.isascii():
            raise ModelError("the API key has characters outside ASCII")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = client or httpx2.Client(timeout=timeout)
        self._url, self._headers = f"{url.rstrip('/')}/chat/completions", headers
        self._model, self._shots, self._schema = model, tuple(shots), schema
        self._concurrency, self._first_wait = concurrency, first_wait
        self._answers = False

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `Candidate` has it. Raises ModelError, without the text, when the server refuses or stays away."""
        with ThreadPoolExecutor(self._concurrency) as pool:
            return list(pool.map(lambda text: self._ask(text, types), texts))

    def _ask(self, text: str, types: Sequence[EntityType]) -> Reply:
        body: dict[str, Any] = {
            "model": self._model,
            "messages": messages(text, types, self._shots),
            "temperature": 0,
        }
        if self._schema:
            schema = {"name": "entities", "strict": True, "schema": answer_schema(types)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        answer = self._post(body)
        if answer is None:
            return Reply(Prediction(text, ()), Answered(False, 0, 0, 0))
        try:
            content = answer["choices"][0]["message"]["content"] or ""
            usage = answer.get("usage") or {}
            counts = [int(usage.get(name) or 0) for name in ("prompt_tokens", "completion_tokens")]
            reply = read_reply(text, str(content), types, *counts)
        except (KeyError, IndexError, TypeError, AttributeError, ValueError):
            raise ModelError(f"{self._url}: the answer is no chat completion") from None
        self._answers = True
        return reply

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
            except httpx2.RequestError as error:
                problem = type(error).__name__
                continue
            problem = f"status {response.status_code}"
            if response.status_code in _RETRIED:
                wait = _asked_wait(response.headers.get("Retry-After"), wait)
                continue
            if response.status_code in _REFUSED and self._answers:
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
