"""The settings of the service in one table, from which flags, environment variables and docs/settings.md are made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from schemas.errors import ModelError

PREFIX = "PII_SFT_"
HELP: Mapping[str, str] = {
    "max_characters": "most characters in all texts of a request; more get 413",
    "in_flight": "most requests that run or wait; further ones get 503 with Retry-After",
    "deadline": "seconds that a request may wait for the engine; then it gets 503 with Retry-After",
    "batch_characters": "most characters of waiting requests in one call of the engine",
    "connections": "most open connections of a worker; further ones get 503",
    "client_timeout": "seconds without sending or reading after which a client is disconnected, twice as many at most",
    "api_keys": "file of API keys, with a name and a key on each line; read again when it changes",
    "rate": "most requests in a minute for each API key; further ones get 429 with Retry-After; 0 means no limit",
    "origins": "web origins whose pages may read the answers (CORS), separated by commas",
    "key": "keys that encrypt the tokens of reversible redactions, separated by commas",
}
_ORIGIN = re.compile(r"https?://[^/\s*]+")
SECRET = "key"  # noqa: S105 - the name of the setting that is never shown and has no flag


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """How the service behaves; `HELP` says what each setting does. Raises ModelError for a number below its
    least, and for an origin that is none.
    """

    max_characters: int = 1_000_000
    in_flight: int = 128
    deadline: int = 30
    batch_characters: int = 20_000
    connections: int = 1_000
    client_timeout: int = 30
    api_keys: Path | None = None
    rate: int = 0
    origins: str = ""
    key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for row in fields(self):
            value, minimum = getattr(self, row.name), 0 if row.name == "rate" else 1
            if isinstance(value, int) and value < minimum:
                raise ModelError(f"{row.name}: not a number of {minimum} or more")
        if not all(_ORIGIN.fullmatch(origin) for origin in self.allowed_origins):
            raise ModelError("origins: an origin is a scheme and a host, as in https://pages.example")

    @property
    def token_keys(self) -> tuple[str, ...]:
        """The keys in `key`."""
        return _parts(self.key)

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """The origins in `origins`."""
        return _parts(self.origins)

    def __str__(self) -> str:
        """The settings as they are printed at the start; the secret only as set or not."""
        shown = {row.name: getattr(self, row.name) for row in fields(self)}
        shown[SECRET] = "set" if self.key else None
        return " ".join(f"{name}={'none' if value in (None, '') else value}" for name, value in shown.items())


def read_settings(given: Mapping[str, Any], environment: Mapping[str, str]) -> ServiceSettings:
    """The settings: what is `given` by name, else what the environment has under PII_SFT_NAME, else the defaults.

    Raises ModelError, which names the variable, for one that is not of the setting's kind.
    """
    values: dict[str, Any] = {}
    for row in fields(ServiceSettings):
        if given.get(row.name) is not None:
            values[row.name] = given[row.name]
        elif text := environment.get(variable(row.name)):
            values[row.name] = _read(row.name, row.default, text)
    return ServiceSettings(**values)


def variable(name: str) -> str:
    """The environment variable of the setting `name`."""
    return PREFIX + name.upper()


def flag(name: str) -> str:
    """The flag of the setting `name`."""
    return "--" + name.replace("_", "-")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _read(name: str, default: Any, text: str) -> Any:
    if not isinstance(default, int):
        return Path(text) if default is None else text
    if not text.isdecimal():
        raise ModelError(f"{variable(name)}: not a number")
    return int(text)


def settings_markdown() -> str:
    """The page docs/settings.md."""
    lines = ["| flag of `pii-sft serve` | variable | default | what |", "|---|---|---|---|"]
    for row in fields(ServiceSettings):
        shown = f"{row.default:,}" if isinstance(row.default, int) else "–"
        option = "–" if row.name == SECRET else f"`{flag(row.name)}`"
        lines.append(f"| {option} | `{variable(row.name)}` | {shown} | {HELP[row.name]} |")
    return "# Settings of the service\n\n" + "\n".join(lines) + "\n"
