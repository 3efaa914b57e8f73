"""The LLM engine: a causal language model whose answers obey a grammar made from the text itself."""

from serving.llm.detector import LlmDetector, Settings

__all__ = ["LlmDetector", "Settings"]
