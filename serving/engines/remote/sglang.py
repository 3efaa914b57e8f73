"""An LLM of ours behind SGLang, which enforces the grammar with its backend `llguidance`.

https://docs.sglang.io/basic_usage/sampling_params.html
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
    if not url:
        raise ModelError("sglang: needs an address, as in sglang:http://localhost:30000#pii")
    return load_grounded(config, "sglang", f"{url.rstrip('/')}/generate", model, Sglang(model))


@dataclass(frozen=True, slots=True)
class Sglang:
    """An `Api`: SGLang's own, with the LoRA adapter of that name, or none where it is empty."""

    adapter: str = ""

    def body(self, prompt: Sequence[int], grammar: str, budget: int) -> dict[str, Any]:
        """As `Api` has it."""
        sampling = {"max_new_tokens": budget, "temperature": 0, "repetition_penalty": 1.0, "ebnf": grammar}
        body = {"input_ids": list(prompt), "sampling_params": sampling, "return_logprob": True}
        return {**body, "lora_path": self.adapter} if self.adapter else body

    def written(self, answer: Any) -> Written:
        """As `Api` has it."""
        from serving.engines.remote.grounded import Written

        about = answer["meta_info"]
        probabilities, ids = zip(*((float(row[0]), row[1]) for row in about["output_token_logprobs"]), strict=True)
        return Written(ids, probabilities, answer["text"], about["finish_reason"]["type"] == "length")
