"""The LLM engine: a causal language model whose answers obey a grammar made from the text itself."""

from serving.engines.llm.engine import LlmEngine, LlmSettings

__all__ = ["LlmEngine", "LlmSettings"]
