"""The argument parser, and `--types`, which several commands share."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeAlias

from schemas.taxonomy import DEFAULT, EntityType, parse_types

_TYPED = re.compile(r""":? ['"].*['"](?= \(choose from|$)""", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors never repeat what was typed, since that may be a text.

    `complete`, when set, adds arguments that are slow to know; it is called once, when the parser is first used.
    """

    complete: Callable[[Parser], None] | None = None

    def __init__(self, **settings: Any) -> None:
        """As in argparse, without abbreviated options, whose errors quote what was typed."""
        super().__init__(**settings, allow_abbrev=False)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As in argparse, after `complete`."""
        if self.complete is not None:
            complete, self.complete = self.complete, None
            complete(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Print usage and `message` without the typed values, and exit with 2."""
        if message.startswith("unrecognized arguments"):
            message = "unknown option or too many arguments; a text with spaces needs quotes"
        message = _TYPED.sub("", message)
        if message.startswith("argument COMMAND: invalid choice"):  # or the value of a misspelt option
            message = message.replace("invalid choice", "not a command, or an option before it is unknown")
        super().error(message)


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What `add_subparsers` returns; argparse has no public name for it."""


def add_types(parser: argparse.ArgumentParser) -> None:
    """Add `--types`, parsed into a tuple of types or None."""
    help_types = "types to look for, or ALL (default: those on by default)"
    parser.add_argument("--types", type=_types, metavar="A,B", help=help_types)


def _types(text: str) -> tuple[EntityType, ...]:
    return parse_types(name.strip() for name in text.split(","))


def per_type(parse: Callable[[str], Any]) -> Callable[[str], tuple[str, Any]]:
    """What parses `[TYPE=]VALUE` into the name of a type, DEFAULT where none is named, and what `parse` makes of it."""

    def parse_pair(text: str) -> tuple[str, Any]:
        name, equals, value = text.rpartition("=")
        return name if equals else DEFAULT, parse(value)

    return parse_pair


class ByType(argparse.Action):
    """Collects what `per_type` parses: values by the names of types, for `schemas.per_type.PerType.of`."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: str | None = None) -> None:
        """Add one value."""
        kept = getattr(namespace, self.dest)
        setattr(namespace, self.dest, {**(kept if isinstance(kept, dict) else {}), **dict([values])})


class Collected(argparse.Action):
    """Collects what is given, once each, in place of the default."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: str | None = None) -> None:
        """Add one value."""
        kept = getattr(namespace, self.dest)
        setattr(namespace, self.dest, list(dict.fromkeys([*([] if kept is self.default else kept), values])))
