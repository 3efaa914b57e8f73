"""An LLM that was not trained on the task: free to write what it likes, or held to the schema or the text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from schemas.engine import LoadedEngine, installed
from schemas.errors import ModelError
from schemas.options import option
from serving.engines.llm.config import PACKAGES, WIDTH, LlmConfig

MODEL = "Qwen/Qwen3-8B"
REVISION = "b968826d9c46dd6066d109eabc6255188de91218"
_NO_THOUGHT = "<think>\n\n</think>\n\n"
"""What Qwen3's own template puts before an answer without thinking."""
_CONSTRAINTS = {"none": "unconstrained", "schema": "under the JSON Schema", "grounded": "grounded in the text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(LlmConfig):
    """Which model, and what its answers are held to."""

    model: str | None = option(None, "folder, GGUF file or hub id of an LLM", shown=MODEL)
    schema: bool = option(False, "enforce the JSON Schema of the answer")
    grounded: bool = option(False, "allow only values that are in the text")
    budget: int = option(128, "most tokens in an answer, in addition to one for each character", least=1)

    @property
    def constraint(self) -> Literal["grounded", "schema", "none"]:
        """What the answers are held to."""
        return "grounded" if self.grounded or self.formed else "schema" if self.schema else "none"


def load(config: Config) -> LoadedEngine:
    """The LLM alone. Raises ModelError for options that exclude each other or a model that cannot be used."""
    from serving import engines
    from serving.engines.llm.engine import LlmSettings
    from serving.engines.llm.load import load_llm

    constraint = config.constraint
    if config.schema and constraint == "grounded":
        raise ModelError("zero-shot: choose schema or grounded, not both")
    if config.recall and constraint != "grounded":
        raise ModelError("zero-shot: the option recall needs grounded")
    settings = LlmSettings(
        budget=config.budget,
        bias=config.recall,
        formed=config.formed,
        few_shot=config.examples(),
        constraint=constraint,
    )
    engine = load_llm(
        config.model or MODEL,
        revision=config.revision or (None if config.model else REVISION),
        runtime=config.runtime,
        dtype=config.dtype,
        quantization=config.quantization,
        bits=config.bits,
        threads=config.threads,
        settings=settings,
    )
    if len(engine.chat.encode("<think>")) == 1:
        engine = engine.with_settings(replace(settings, opening=_NO_THOUGHT))
    examples = ", three examples" if config.few_shot else ""
    description = f"{engine.backend.description}, {_CONSTRAINTS[constraint]}{examples}"
    return LoadedEngine(
        engine,
        description,
        code=(engines,),
        files=(Path(config.model or MODEL),),
        versions=installed(*PACKAGES),
        width=WIDTH,
    )
