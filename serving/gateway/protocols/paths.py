"""Sets of places in JSON documents."""

from collections.abc import Sequence

from serving.redaction.json_text import Path

SCHEMA = ("type", "required.*", "$ref", "$schema", "$id", "format")
"""Names in a JSON schema that mean something to the provider."""
_VALUES = frozenset({"const", "default", "enum", "example", "examples"})
"""Names in a JSON schema of what is no schema but values."""


class Paths:
    """Places by patterns such as `messages.*.role`: `*` is any one name or number, `**` any number of them.

    A `**` does not lead into the values of a JSON schema, in which all names are free.
    """

    def __init__(self, *patterns: str) -> None:
        self._patterns = patterns
        self._by_first: dict[str, list[list[str]]] = {}
        for pattern in patterns:
            first, *rest = pattern.split(".")
            self._by_first.setdefault(first, []).append(rest)

    def with_more(self, *patterns: str) -> "Paths":
        """These places and those of `patterns`."""
        return Paths(*self._patterns, *patterns)

    def __contains__(self, path: Path) -> bool:
        if not path:
            return False
        parts = [part if isinstance(part, str) else None for part in path[1:]]
        return any(_matches(parts, pattern) for pattern in self._by_first.get(str(path[0]), ()))


def _matches(parts: Sequence[str | None], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**" and "**" not in pattern[1:]:  # the rest is the end of the path
        ending = len(parts) - len(pattern) + 1
        return ending >= 0 and _VALUES.isdisjoint(parts[:ending]) and _matches(parts[ending:], pattern[1:])
    if pattern[0] == "**":
        skips = range(len(parts) + 1)
        return any(_VALUES.isdisjoint(parts[:skip]) and _matches(parts[skip:], pattern[1:]) for skip in skips)
    return bool(parts) and pattern[0] in ("*", parts[0]) and _matches(parts[1:], pattern[1:])
