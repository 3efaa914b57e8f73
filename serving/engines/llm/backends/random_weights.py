"""A model of an architecture whose weights are not at hand: random ones cost the same time and memory."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from huggingface_hub.errors import StrictDataclassError
from transformers import AutoConfig, AutoModelForCausalLM

from schemas.engine import LoadedEngine, UnbiasedEngine
from schemas.errors import ModelError
from schemas.options import option
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

PROMPT_TOKENS = 330
"""Tokens of the instruction with the default types and a Chinese text of 100 characters, under Qwen2's vocabulary."""
ANSWER_TOKENS = 64
"""Tokens of an answer with three entities."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Which architecture, and how long its prompts and answers are."""

    model: str = option("", "a config.json, its folder, qwen2-1.5b or qwen3-8b")
    prompt: int = option(PROMPT_TOKENS, "tokens read for each text", least=1)
    answer: int = option(ANSWER_TOKENS, "tokens written for each text", least=1)


def load(config: Config) -> LoadedEngine:
    """The engine of `config`. Raises ModelError when it is no configuration of a causal language model."""
    if not config.model:
        raise ModelError("random: needs a configuration, as in random:qwen3-8b")
    engine = RandomEngine(config.model, config.prompt, config.answer)
    code = (sys.modules[__name__],)
    return LoadedEngine(engine, engine.description, code, files=(Path(config.model),))


class RandomEngine(UnbiasedEngine):
    """Reads prompts and writes answers of fixed lengths, on a GPU if there is one, and finds nothing."""

    def __init__(self, config: str, prompt: int = PROMPT_TOKENS, answer: int = ANSWER_TOKENS) -> None:
        """Make the architecture of `config`: a config.json, its folder, or the name of one in this package.

        Weights are bfloat16. Raises ModelError when it is no configuration of a causal language model.
        """
        self._device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        settings = _read(config)
        try:
            architecture = AutoConfig.for_model(settings.pop("model_type"), **settings)
            with self._device:
                self._model: Any = AutoModelForCausalLM.from_config(architecture, dtype=torch.bfloat16).eval()
        except (ValueError, KeyError, TypeError, StrictDataclassError) as error:
            raise ModelError(f"{config}: no causal language model ({type(error).__name__})") from None
        except (RuntimeError, MemoryError):
            raise ModelError(f"{config}: the weights do not fit into the memory of {self._device.type}") from None
        self._model.generation_config.eos_token_id = None
        self._prompt, self._answer = prompt, answer
        self._words = int(architecture.vocab_size)

    @property
    def description(self) -> str:
        """What runs where, in a few words."""
        billions = sum(weight.numel() for weight in self._model.parameters()) / 1e9
        lengths = f"{self._prompt} tokens read and {self._answer} written a text"
        return f"{billions:.1f}B random bfloat16 weights on {self._device.type}, {lengths}"

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Take the time of an answer about each of `texts`, and find nothing."""
        self.answer(len(texts))
        return [Prediction(text, ()) for text in texts]

    @torch.inference_mode()
    def answer(self, texts: int) -> None:
        """Read and write as much as for so many texts, in one batch."""
        ids = torch.randint(self._words, (texts, self._prompt), device=self._device)
        limits = {"max_new_tokens": self._answer, "min_new_tokens": self._answer}
        self._model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, pad_token_id=0, **limits)


def _read(config: str) -> dict[str, Any]:
    path = Path(config)
    shipped = files("serving.engines.llm.backends") / "configs" / f"{config}.json"
    file: Any = path / "config.json" if path.is_dir() else path if path.is_file() or not shipped.is_file() else shipped
    try:
        settings: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        if isinstance(settings.get("model_type"), str):
            return settings
        raise ModelError(f"{config}: names no model_type")
    except OSError as error:
        raise ModelError(f"{config}: {error.strerror}") from None
    except (ValueError, AttributeError):
        raise ModelError(f"{config}: not the configuration of a model") from None
