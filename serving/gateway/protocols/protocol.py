"""The form of a protocol: its routes, its streams and its errors."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from serving.gateway.protocols.paths import Paths
from serving.redaction.json_text import Path

Event = dict[str, Any]
"""The JSON object of an event of a stream."""
Key = tuple[Any, ...]
"""Which of the texts that a stream interleaves a piece belongs to."""


@dataclass(frozen=True, slots=True)
class Route:
    """A request with a body that is understood; all strings are read but those at some places.

    `kept` are names and settings that mean something to the provider, `media` are pictures, sound and files, `sealed`
    is what the model signed and must get back as it was. Numbers at `tokens` are text in a form that cannot be read.
    `takes_instructions` says whether the model can be told something.
    """

    path: str
    kept: Paths
    media: Paths = Paths()  # noqa: RUF009 - not changed
    sealed: Paths = Paths()  # noqa: RUF009 - not changed
    tokens: Paths = Paths()  # noqa: RUF009 - not changed
    takes_instructions: bool = True


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the text `key` at `path` of an event; `in_json` says that it is a piece of a JSON document.

    `call` is the id of the call of a tool that it belongs to, where the event says so: of the calls with one key it
    tells them apart, and pieces without it go on with the last one.
    """

    key: Key
    path: Path
    in_json: bool = False
    call: str | None = None


class LlmProtocol(Protocol):
    """A provider's protocol."""

    @property
    def routes(self) -> tuple[Route, ...]:
        """The requests with a body that are understood."""
        ...

    @property
    def readable(self) -> tuple[str, ...]:
        """Paths that are only read, without a body."""
        ...

    @property
    def sealed(self) -> Paths:
        """What stays as it is in an answer and in an event."""
        ...

    @property
    def key_header(self) -> str:
        """The header with the provider's key, behind `Bearer` where it is `authorization`."""
        ...

    def deltas(self, event: Event) -> Iterator[Delta]:
        """The pieces of text in `event`."""
        ...

    def ends(self, event: Event, key: Key) -> bool:
        """Whether `event` says that no further piece of `key` comes."""
        ...

    def flush(self, last: Event, delta: Delta, text: str) -> Event:
        """An event that holds `text` alone, a further piece of what `last` had at `delta`."""
        ...

    def error(self, status: int, message: str) -> Mapping[str, Any]:
        """The body of an error."""
        ...

    def instructed(self, body: dict[str, Any], instruction: str) -> dict[str, Any]:
        """The body of a request with one more instruction to the model; the same where the request has none."""
        ...
