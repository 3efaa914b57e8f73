"""An LLM of ours behind vLLM's OpenAI server, which enforces the grammar with its backend `guidance`.

https://docs.vllm.ai/en/stable/features/structured_outputs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from schemas.engine import LoadedEngine
from schemas.errors import ModelError
from serving.engines.remote.grounded_config import GroundedConfig, load_grounded

if TYPE_CHECKING:
    from serving.engines.remote.grounded import Written


@dataclass(frozen=True, kw_only=True)
class Config(GroundedConfig):
    """Which server and adapter."""


def load(config: Config) -> LoadedEngine:
    """The engine of `config`. Raises ModelError for an address that is none or an adapter that cannot be used."""
    from serving.engines.remote.server import split_address

    url, model = split_address(config.model)
    if not url or not model:
        raise ModelError("vllm: needs an address and a model, as in vllm:http://localhost:8000/v1#pii")
    return load_grounded(config, "vllm", f"{url.rstrip('/')}/completions", model, Vllm(model))


@dataclass(frozen=True, slots=True)
class Vllm:
    """An `Api`: completions of `model`, a LoRA module or the server's own model."""

    model: str

    def body(self, prompt: Sequence[int], grammar: str, budget: int) -> dict[str, Any]:
        """As `Api` has it."""
        return {
            "model": self.model,
            "prompt": list(prompt),
            "max_tokens": budget,
            "temperature": 0,
            "repetition_penalty": 1.0,  # a base may bring another, which would punish copying
            "structured_outputs": {"grammar": grammar},
            "logprobs": 0,  # those of the chosen tokens, among the allowed ones
            "return_token_ids": True,
        }

    def written(self, answer: Any) -> Written:
        """As `Api` has it."""
        from serving.engines.remote.grounded import Written

        choice = answer["choices"][0]
        probabilities = [float(each) for each in choice["logprobs"]["token_logprobs"]]
        return Written(choice["token_ids"], probabilities, choice["text"], choice["finish_reason"] == "length")
