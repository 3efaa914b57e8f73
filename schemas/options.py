"""Options: dataclass fields that carry their help and limits, from which flags, names with options and settings follow.

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Config:
        threads: int = option(2, "CPU threads", least=1)

`options_of(Config)` lists them; `Option.read` turns what a person typed into a value.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

TARGET = "model"
"""The option that stands behind the colon of a name, as in `tagger:FOLDER`."""


def option(default: Any, help: str, *, least: float = -inf, shown: str | None = None) -> Any:
    """A dataclass field with a `default` and a `help` text; `shown` is how help shows the default.

    Numbers are at least `least`. The type hint is bool, int, float, str, Path or Literal, or one of these or None.
    """
    return field(default=default, metadata={"help": help, "least": least, "shown": shown})


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a config class: `kind` is bool, int, float, str or Path; `choices` are its values, if limited."""

    name: str
    kind: type
    default: Any
    help: str
    choices: tuple[Any, ...]
    least: float
    shown: str | None

    @property
    def is_switch(self) -> bool:
        """Whether the option is on or off, and takes no value."""
        return self.kind is bool

    @property
    def word(self) -> str:
        """The name as people type it: `few-shot`, or `no-rules` for a switch that is on by default."""
        return ("no-" if self.is_switch and self.default else "") + self.name.replace("_", "-")

    def read(self, text: str) -> Any:
        """The value that `text` stands for. Raises ValueError, whose message does not repeat `text`."""
        try:
            value = self.kind(text)
        except ValueError:
            raise ValueError(f"is not {self._wanted}") from None
        return self.checked(value)

    def checked(self, value: Any) -> Any:
        """`value`, if the option may have it; a text becomes a path where that is asked for.

        Raises ValueError, whose message does not repeat it.
        """
        if value is None and self.default is None:
            return value
        if self.kind is Path and isinstance(value, str):
            value = Path(value)
        if self.choices and value not in self.choices:
            raise ValueError(f"is one of {', '.join(map(str, self.choices))}")
        kinds = (int, float) if self.kind is float else self.kind
        if not isinstance(value, kinds) or isinstance(value, bool) != (self.kind is bool):
            raise ValueError(f"is not {self._wanted}")
        if isinstance(value, int | float) and not (isfinite(value) and value >= self.least):
            raise ValueError(f"is not {self._wanted}")
        return value

    @property
    def _wanted(self) -> str:
        names = {int: "an integer", float: "a number", bool: "true or false", str: "a text", Path: "a path"}
        kind = names[self.kind]
        return kind if self.least == -inf else f"{kind} of {self.least:g} or more"


@cache
def options_of(config: type[Any]) -> Mapping[str, Option]:
    """The options of a config class by name, in order."""
    hints = get_type_hints(config)
    return {row.name: _option(row, hints[row.name]) for row in fields(config)}


def _option(row: Any, hint: Any) -> Option:
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    kind = type(choices[0]) if choices else hint
    return Option(
        row.name, kind, row.default, row.metadata["help"], choices, row.metadata["least"], row.metadata["shown"]
    )
