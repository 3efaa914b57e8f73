"""A server that answers JSON with JSON: what is sent again, what is given up, and when nothing is sent at all."""

from __future__ import annotations

import os
import random
import time
from typing import TYPE_CHECKING, Any

from schemas.errors import ModelError
from serving.engines.remote.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    import httpx2

_RETRIED = frozenset({408, 429, 500, 502, 503, 504})
_REFUSED = frozenset({400, 413, 422})
"""What a server says to a single request: too long, or inspected and refused."""
_ATTEMPTS = 6
_LONGEST_WAIT = 30.0


def split_address(target: str) -> tuple[str, str]:
    """The URL and the model of `URL#MODEL`; both are empty where the URL is none."""
    url, _, model = target.partition("#")
    return (url, model) if url.startswith(("http://", "https://")) else ("", "")


class UnprovenRefusalError(ModelError):
    """A request was refused before any was answered: the request may be to blame, or all that is asked there."""


class Server:
    """Posts JSON to one URL; may be used from several threads.

    Requests that fail for a passing reason (no connection, a time-out, the statuses 408, 429, 500, 502, 503, 504) are
    sent six times at most, after the wait that the server asks for, or one that doubles from one second; up to half
    of it is added by chance. After three requests in a row that failed all the same, nothing is sent for 30 seconds:
    requests fail at once, until one is answered.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        connections: int = 8,
        timeout: float = 120.0,
        client: httpx2.Client | None = None,
        first_wait: float = 1.0,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """Post to `url` with the API key `key`, by default $OPENAI_API_KEY, keeping `connections` connections.

        `timeout` and `first_wait` are seconds. `client` replaces the HTTP client. Raises ModelError for an address that
        is none, or holds a password, and for a key that no header can carry.
        """
        import httpx2

        try:
            parsed = httpx2.URL(url)
        except httpx2.InvalidURL:
            raise ModelError("the address of the server is no URL") from None
        if parsed.userinfo:
            raise ModelError("the address of the server holds a user or password; $OPENAI_API_KEY is sent instead")
        key = os.environ.get("OPENAI_API_KEY") if key is None else key
        if key and not key.isascii():
            raise ModelError("the API key has characters outside ASCII")
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=connections)
        self.url = url
        self._errors = httpx2.RequestError
        self._client = client or httpx2.Client(timeout=timeout, limits=limits)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._first_wait = first_wait
        self._breaker = breaker or CircuitBreaker()
        self._has_answered = False

    def post(self, body: dict[str, Any]) -> Any:
        """The JSON of the answer; None where the server refuses this request though it answers others.

        Raises ModelError, which holds nothing of the body, when it stays away, and UnprovenRefusalError when it refuses
        this request and has answered none so far.
        """
        if not self._breaker.allows():
            raise ModelError(f"{self.url}: not asked, because the requests before failed")
        try:
            answer = self._post(body)
        except UnprovenRefusalError:
            raise
        except ModelError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return answer

    def _post(self, body: dict[str, Any]) -> Any:
        wait = self._first_wait
        problem = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(wait * random.uniform(1.0, 1.5))  # or all that failed together would come back together
                wait = min(2 * wait, _LONGEST_WAIT)
            try:
                response = self._client.post(self.url, json=body, headers=self._headers)
            except self._errors as error:
                problem = type(error).__name__
                continue
            problem = f"status {response.status_code}"
            if response.status_code in _RETRIED:
                wait = _asked_wait(response.headers.get("Retry-After"), wait)
                continue
            if response.status_code in _REFUSED:
                if self._has_answered:
                    return None
                raise UnprovenRefusalError(f"{self.url}: {problem}")
            if response.is_success:
                try:
                    answer = response.json()
                except (ValueError, RecursionError):
                    problem = "an answer that is not JSON"
                else:
                    self._has_answered = True
                    return answer
            break
        raise ModelError(f"{self.url}: {problem}")


def _asked_wait(header: str | None, usual: float) -> float:
    return min(float(header), _LONGEST_WAIT) if header and header.isdecimal() else usual
