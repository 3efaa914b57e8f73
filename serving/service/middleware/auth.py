"""API keys from a file, and how many requests a minute each may send."""

import hashlib
import hmac
import logging
import math
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import DataError
from serving.service.error_handlers import ErrorAnswer, ErrorForm, service_form
from serving.service.page import PAGE_PATHS

KEYS_UNREADABLE = "the file of API keys cannot be read"
"""Reason of a 503."""
_LOG = logging.getLogger(__name__)
_LINE = re.compile(r"(?P<name>[\w.-]+)\s+(?P<key>[\x21-\x7e]{16,})")
_OPEN_PATHS = PAGE_PATHS | {"/health", "/ready", "/v1/health", "/v1/ready"}
"""Paths without a key: health, and the page, which holds no data."""


def read_keys(path: Path) -> Mapping[str, bytes]:
    """The SHA-256 of each key of a file by its name: lines of a name and a key of at least 16 characters.

    Empty lines and lines that begin with # are passed over. Raises DataError, which names file and line and no key,
    for other lines, for a name that occurs twice, and for a file without keys.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read ({type(error).__name__})") from None
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None or match["name"] in keys:
            raise DataError(f"{path}:{number}: needs a name that is not used above and a key of at least 16 characters")
        keys[match["name"]] = hashlib.sha256(match["key"].encode()).digest()
    if not keys:
        raise DataError(f"{path}: contains no key")
    return keys


class KeysUnreadableError(Exception):
    """A file of API keys that cannot be read, so that nobody knows which keys are valid."""


class KeyFile:
    """The keys of a file, read again when the file has changed.

    While it cannot be read no key is valid: one that was read before may have been taken back meanwhile.
    """

    def __init__(self, path: Path) -> None:
        """Read `path`. Raises DataError as `read_keys` does."""
        self._path = path
        self._state = self._stamp()
        self._keys: Mapping[str, bytes] | None = read_keys(path)

    def name_of(self, key: str) -> str | None:
        """The name of `key`, or None; the time that it takes says nothing about how much of a key is right.

        Raises KeysUnreadableError.
        """
        self._reload()
        if self._keys is None:
            raise KeysUnreadableError
        digest = hashlib.sha256(key.encode()).digest()
        names = [name for name, known in self._keys.items() if hmac.compare_digest(known, digest)]
        return names[0] if names else None

    @property
    def readable(self) -> bool:
        """Whether the file as it is now can be read."""
        self._reload()
        return self._keys is not None

    def _stamp(self) -> tuple[int, ...]:
        try:
            status = self._path.stat()
        except OSError:
            return ()
        # the change time too: a program may set the modification time, and a change of rights leaves it as it was
        return status.st_ctime_ns, status.st_mtime_ns, status.st_size, status.st_ino

    def _reload(self) -> None:
        """Take a changed file, and log when it breaks and when it can be read again."""
        state = self._stamp()
        if state == self._state:
            return
        self._state, before = state, self._keys
        try:
            self._keys = read_keys(self._path)
        except DataError as error:
            self._keys = None
            _LOG.error("no API key is valid until their file is mended: %s", error)
        else:
            if before is None:
                _LOG.warning("the file of API keys can be read again")


@dataclass
class RateLimit:
    """At most `limit` requests a minute of each name, and as many at once (token bucket); no limit when 0."""

    limit: int

    def __post_init__(self) -> None:
        self._left: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def wait(self, name: str) -> int:
        """Take one request of `name`: 0 when it may go on, else the whole seconds to wait."""
        if not self.limit:
            return 0
        now, interval = time.monotonic(), 60 / self.limit
        with self._lock:
            left, then = self._left.get(name, (float(self.limit), now))
            left = min(float(self.limit), left + (now - then) / interval)
            self._left[name] = (max(left - 1, 0.0) if left >= 1 else left, now)
        return 0 if left >= 1 else math.ceil((1 - left) * interval)


class ApiKeyAuth:
    """ASGI middleware that lets requests with a known key through: `Authorization: Bearer KEY` or `X-API-Key: KEY`.

    The request's state has the key's name. Answers 401 to others, 429 with Retry-After above the rate, and 503 while
    the file of keys cannot be read. Its answers have `form`.
    """

    def __init__(self, app: ASGIApp, keys: KeyFile, rate: RateLimit, form: ErrorForm = service_form) -> None:
        self._app = app
        self._keys, self._rate, self._form = keys, rate, form

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application for requests with a known key."""
        if scope["type"] != "http" or scope["path"] in _OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        try:
            name = self._keys.name_of(token if scheme.lower() == "bearer" else headers.get("x-api-key", ""))
        except KeysUnreadableError:
            await ErrorAnswer(503, KEYS_UNREADABLE).response(self._form)(scope, receive, send)
            return
        if name is None:
            refusal = ErrorAnswer(401, "no valid API key")
            await refusal.response(self._form, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
        elif wait := self._rate.wait(name):
            refusal = ErrorAnswer(429, "too many requests")
            await refusal.response(self._form, {"Retry-After": str(wait)})(scope, receive, send)
        else:
            scope.setdefault("state", {})["key_name"] = name
            await self._app(scope, receive, send)
