"""How the gateway behaves."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from schemas.errors import ModelError
from schemas.taxonomy import DEFAULT_TYPES, EntityType

Media = Literal["refuse", "pass"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What leaves: `types` are masked from `min_score` on; a request that holds one of `blocked` is refused."""

    types: tuple[EntityType, ...] = DEFAULT_TYPES
    min_score: float = 0.0
    blocked: frozenset[EntityType] = frozenset()


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Where requests go, and what may leave.

    `upstream` is the provider's base URL. `media` says whether pictures, sound and files, which are not read, pass.
    `preamble` asks the model to keep stand-ins. `audit` is a file that gets a line for each request. `secret` makes the
    stand-ins: with the same one they are the same in every process. `upstream_key` is the provider's key where clients
    have keys of the gateway. `connect`, `read` are seconds.
    """

    upstream: str
    policy: Policy = Policy()
    media: Media = "refuse"
    preamble: bool = False
    audit: Path | None = None
    audit_bytes: int = 64_000_000
    secret: bytes = field(default=b"", repr=False)
    upstream_key: str = field(default="", repr=False)
    connect: float = 10.0
    read: float = 600.0

    def __post_init__(self) -> None:
        if not self.upstream.startswith(("https://", "http://")):
            raise ModelError("upstream: not a URL that begins with https:// or http://")
