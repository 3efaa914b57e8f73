"""Engines as systems under measurement: what `eval` and `bench` compare."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from eval.system import Answered, Candidate, Perplexities, Plain, Reply, System
from pii_sft.registry import EngineSpec, parse_spec
from schemas.engine import Engine, LoadedEngine
from schemas.llm.free_answer import read_free_answer
from schemas.llm.prompt import question
from schemas.spans.entity import Example
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType

if TYPE_CHECKING:
    from serving.engines.llm.engine import LlmEngine
    from serving.engines.remote.openai import RemoteEngine


def load_system(text: str) -> System:
    """Load the engine of a spec (see `pii_sft.registry`) as a system to measure.

    Raises ModelError for a spec that is wrong or a model that cannot be used, ModuleNotFoundError when a package that
    it needs is not installed.
    """
    spec = parse_spec(text, measured=True)
    loaded = spec.load()
    return System(
        text,
        loaded.identity,
        loaded.description,
        _candidate(spec, loaded),
        price=_price(spec),
        gpu_mb=_gpu_mb(),
        perplexities=_perplexities(spec),
        random=spec.name == "random",
        width=loaded.width,
    )


def _candidate(spec: EngineSpec, loaded: LoadedEngine) -> Candidate:
    """Models that nothing holds to the text are read as they answer, with their faults counted; others just detect."""
    engine: Engine = loaded.engine
    if spec.name == "openai":
        return FreeServer(engine.engine)  # type: ignore[attr-defined]
    if spec.name == "zero-shot" and spec.config.constraint != "grounded":
        return FreeModel(engine, spec.config.examples())  # type: ignore[arg-type]
    return Plain(engine)


class FreeModel:
    """An LLM whose answers are read as they are, whatever they hold."""

    def __init__(self, engine: LlmEngine, examples: Sequence[Example]) -> None:
        """Ask `engine`, which shows its model `examples`."""
        self._engine, self._examples = engine, examples

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `eval.system.Candidate` has it; every text is asked about as a whole."""
        engine = self._engine
        rows = engine.backend.rows
        batches = [texts[start : start + rows] for start in range(0, len(texts), rows)]
        answers = [answer for batch in batches for answer in engine.answer(batch, types)]
        prompts = [engine.chat.prompt(question(text, types, self._examples)) for text in texts]
        return [
            _reply(text, answer.answer, types, len(prompt), len(answer.tokens))
            for text, prompt, answer in zip(texts, prompts, answers, strict=True)
        ]


class FreeServer:
    """A model behind a server whose answers are read as they are, whatever they hold."""

    def __init__(self, engine: RemoteEngine) -> None:
        """Ask `engine`."""
        self._engine = engine

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `eval.system.Candidate` has it. A text that the server refuses counts as an invalid answer."""
        return [
            Reply(Prediction(text, ()), Answered(False, 0, 0, 0))
            if completion is None
            else _reply(text, completion.content, types, completion.read, completion.written)
            for text, completion in zip(texts, self._engine.complete(texts, types), strict=True)
        ]


def _reply(text: str, content: str, types: Sequence[EntityType], read: int, written: int) -> Reply:
    answer = read_free_answer(text, content, types)
    prediction = Prediction(text, tuple(Detection(entity, 1.0, "model") for entity in answer.entities))
    answered = Answered(answer.valid, answer.items, answer.invented, answer.unknown, read, written)
    return Reply(prediction, answered)


def _price(spec: EngineSpec) -> tuple[float, float] | None:
    """What a million tokens read and written cost, where they are paid for."""
    price = (getattr(spec.config, "input_price", 0.0), getattr(spec.config, "output_price", 0.0))
    return price if any(price) else None


def _gpu_mb() -> Callable[[], float] | None:
    """Gives the most GPU memory in use from now on; None without a GPU or without torch."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    torch.cuda.reset_peak_memory_stats()
    return lambda: float(torch.cuda.max_memory_allocated()) / 1e6


def _perplexities(spec: EngineSpec) -> Callable[[Sequence[str]], Perplexities] | None:
    """Gives what an LLM with an adapter forgot; None for other engines, and for models that were trained as a whole."""
    if spec.name != "llm":
        return None
    from pii_sft.scoring import general_perplexities
    from schemas.checkpoint.adapter import AdapterManifest

    model, adapter = spec.config.model_and_adapter()
    if adapter is None or not AdapterManifest.read(adapter).adapter:
        return None
    place = {"revision": spec.config.revision, "quantization": spec.config.quantization}
    return partial(general_perplexities, model, adapter, **place)
