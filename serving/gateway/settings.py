"""How the gateway behaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.errors import DataError, ModelError, UnknownTypeError
from schemas.taxonomy import DEFAULT_TYPES, EntityType, parse_types

Media = Literal["refuse", "pass"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What leaves: `types` are masked from `min_score` on; a request that holds one of `blocked` is refused.

    `media` says whether pictures, sound and files, which are not read, pass.
    """

    types: tuple[EntityType, ...] = DEFAULT_TYPES
    min_score: float = 0.0
    blocked: frozenset[EntityType] = frozenset()
    media: Media = "refuse"


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Where requests go, and what may leave.

    `upstream` is the provider's base URL, or nothing where LiteLLM asks. API keys have the policy of their name in
    `policies`, or else `policy`. `preamble` asks the model to keep stand-ins. `audit` is a file that gets a line for
    each request. `secret` makes the stand-ins: with the same one they are the same in every process. `upstream_key` is
    the provider's key where clients have keys of the gateway. Of the last `remembered` texts it is remembered where
    values stand, without the texts. `connect` and `read` are seconds.
    """

    upstream: str = ""
    policy: Policy = Policy()
    policies: Mapping[str, Policy] = field(default_factory=dict)
    preamble: bool = False
    audit: Path | None = None
    audit_bytes: int = 64_000_000
    secret: bytes = field(default=b"", repr=False)
    upstream_key: str = field(default="", repr=False)
    remembered: int = 5_000
    connect: float = 10.0
    read: float = 600.0

    def __post_init__(self) -> None:
        if self.upstream and not self.upstream.startswith(("https://", "http://")):
            raise ModelError("upstream: not a URL that begins with https:// or http://")
        if not self.secret:
            raise ModelError("secret: a gateway needs one, from which stand-ins follow")

    def policy_of(self, key: str) -> Policy:
        """The policy of the API key of this name."""
        return self.policies.get(key, self.policy)


class _PolicyFile(BaseModel):
    """A policy as a file has it; what is left out is as for all."""

    model_config = ConfigDict(extra="forbid", strict=True)

    types: list[str] | None = Field(default=None, min_length=1)
    block: list[str] | None = None
    min_score: float | None = Field(default=None, ge=0, le=1)
    media: Media | None = None


def read_policies(path: Path, policy: Policy) -> dict[str, Policy]:
    """The policies in a JSON file, an object of them by the name of an API key; what one leaves out is as in `policy`.

    Raises DataError, which names file and field, for anything else.
    """
    try:
        rows = TypeAdapter(dict[str, _PolicyFile]).validate_json(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from None
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"])) or "file"
        raise DataError(f"{path}: {place}: {fault['msg']}") from None
    try:
        return {name: _policy(row, policy) for name, row in rows.items()}
    except UnknownTypeError as error:
        raise DataError(f"{path}: {error}") from None


def _policy(row: _PolicyFile, policy: Policy) -> Policy:
    return Policy(
        policy.types if row.types is None else tuple(parse_types(row.types)),
        policy.min_score if row.min_score is None else row.min_score,
        policy.blocked if row.block is None else frozenset(parse_types(row.block)),
        policy.media if row.media is None else row.media,
    )
