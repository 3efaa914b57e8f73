"""The LLM engine by its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.checkpoint.base import Dtype, Quantization
from schemas.engine import LoadedEngine, installed
from schemas.options import option
from schemas.spans.entity import Example
from serving.engines.model_config import HybridConfig, ModelConfig

Runtime = Literal["torch", "onnx"]
Bits = Literal[4, 8]
PACKAGES = ("onnxruntime", "tokenizers", "torch", "transformers")
"""Packages of which an answer may depend."""
WIDTH = 8
"""Texts that an LLM under torch answers side by side."""


@dataclass(frozen=True, kw_only=True)
class LlmConfig(ModelConfig):
    """How an LLM runs, trained on the task or not."""

    revision: str | None = option(None, "commit of a model from the hub")
    formed: bool = option(False, "values of types with a fixed form must have that form; for models without training")
    few_shot: bool = option(False, "show the model three examples; for models without training")
    runtime: Runtime | None = option(None, "torch, or onnx for a CPU", shown="torch on a GPU, else onnx")
    dtype: Dtype | None = option(None, "number type under torch", shown="as the adapter was trained, else bfloat16")
    quantization: Quantization | None = option(None, "hold the weights under torch in 4 bits (bitsandbytes)")
    bits: Bits = option(8, "bits of the weights under onnx; 4 is smaller, faster and less precise")
    threads: int | None = option(None, "CPU threads", least=1, shown="one a core")

    def examples(self) -> tuple[Example, ...]:
        """The examples that the prompt shows."""
        from serving.engines.llm.few_shot import FEW_SHOT_EXAMPLES

        return FEW_SHOT_EXAMPLES if self.few_shot else ()


@dataclass(frozen=True, kw_only=True)
class Config(LlmConfig, HybridConfig):
    """Which trained LLM, and how it runs."""

    model: str | None = option(
        None, "folder, GGUF file or hub id of an LLM; BASE+ADAPTER names both", shown="the adapter's base"
    )
    adapter: Path | None = option(
        None, "folder that `pii-sft train` wrote, or embedded-0.5b; without a model, its own base is used"
    )

    def model_and_adapter(self) -> tuple[str | None, Path | None]:
        """The base (None: the one that the adapter names) and the adapter, if there is one."""
        from schemas.checkpoint.adapter import ADAPTER_MANIFEST
        from serving.engines.llm.adapters import find_adapter

        if self.adapter is not None or self.model is None or Path(self.model).exists():  # a plus may be part of a name
            base, last = ("", self.model) if self.adapter is None else (self.model or "", str(self.adapter))
        else:
            base, _, last = self.model.rpartition("+")
        if last is None:
            return None, None
        folder = find_adapter(Path(last))
        is_adapter = bool(base) or self.adapter is not None or (folder / ADAPTER_MANIFEST).is_file()
        return (base or None, folder) if is_adapter else (last, None)


def load(config: Config) -> LoadedEngine:
    """The LLM with its adapter, and the rules beside it unless they are switched off.

    `model` may name both as BASE+ADAPTER; alone it may be an adapter's folder. The tagger drafts the answers, which
    changes their time alone. Raises ModelError for a model or adapter that cannot be used, FingerprintError for an
    adapter of another contract.
    """
    from serving import engines
    from serving.engines.hybrid import HybridEngine, complete
    from serving.engines.llm.engine import LlmSettings
    from serving.engines.llm.load import load_llm
    from serving.engines.rules.engine import RulesEngine
    from serving.engines.tagger.engine import Tagger

    model, adapter = config.model_and_adapter()
    engine = load_llm(
        model,
        adapter,
        revision=config.revision,
        runtime=config.runtime,
        dtype=config.dtype,
        quantization=config.quantization,
        bits=config.bits,
        threads=config.threads,
        settings=LlmSettings(bias=config.recall, formed=config.formed, few_shot=config.examples()),
        guesser=HybridEngine(Tagger(threads=config.threads or 2), RulesEngine()),
    )
    return LoadedEngine(
        complete(engine, config),
        engine.backend.description,
        code=(engines,),
        files=tuple(Path(place) for place in (model or _own_base(adapter), adapter) if place),
        versions=installed(*PACKAGES),
        width=WIDTH,
    )


def _own_base(adapter: Path | None) -> str | None:
    """The base that an adapter names."""
    from schemas.checkpoint.adapter import AdapterManifest

    return None if adapter is None else AdapterManifest.read(adapter).base.model
