"""Options of the LLM engine."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from schemas.options import option
from serving.engines.model_config import HybridConfig, ModelConfig

Runtime = Literal["torch", "onnx"]
Dtype = Literal["bfloat16", "float16", "float32"]
Quantization = Literal["nf4"]
Bits = Literal[4, 8]


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmConfig(ModelConfig):
    """How an LLM runs, trained on the task or not."""

    revision: str | None = option(None, "commit of a model from the hub")
    formed: bool = option(False, "values of types with a fixed form must have it; for a model that was not trained")
    few_shot: bool = option(False, "show the model three examples; for a model that was not trained")
    runtime: Runtime | None = option(None, "torch, or onnx for a CPU", shown="torch on a GPU, else onnx")
    dtype: Dtype | None = option(None, "number type under torch", shown="as the adapter was trained, else bfloat16")
    quantization: Quantization | None = option(None, "hold the weights under torch in 4 bits (bitsandbytes)")
    bits: Bits = option(8, "bits of the weights under onnx; 4 is smaller, faster and less precise")
    threads: int | None = option(None, "CPU threads", least=1, shown="one a core")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(LlmConfig, HybridConfig):
    """Which trained LLM, and how it runs."""

    model: str | None = option(
        None, "folder, GGUF file or hub id of an LLM; BASE+ADAPTER names both", shown="the adapter's base"
    )
    adapter: Path | None = option(None, "folder that `train` wrote; without a model on the base that it names")
