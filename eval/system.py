"""Systems: anything that replies to texts with predictions, and what was wrong with the answers behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.engine import Engine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

Perplexities = dict[str, dict[str, float]]
"""By language: `before` and `after` fine-tuning, and the number of `tokens` that were counted."""


@dataclass(frozen=True, slots=True)
class Answered:
    """Facts about a written answer: whether it was valid JSON of the asked form, and how many items it named.

    `invented` items have a value that is not in the text, or not in it so often. `unknown` items have a type that was
    not asked for. `read` and `written` are numbers of tokens.
    """

    valid: bool
    items: int
    invented: int
    unknown: int
    read: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A prediction, with facts about the written answer behind it, where there is one."""

    prediction: Prediction
    answered: Answered | None = None


class Candidate(Protocol):
    """The part of a system that replies."""

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """Return one reply per text, in order, with entities of `types`.

        May be called from several threads. Raises PiiSftError when it cannot answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """An engine whose answers cannot be malformed; a `Candidate`."""

    detector: Engine

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `Candidate` has it."""
        return [Reply(prediction) for prediction in self.detector.detect(texts, types)]


@dataclass(frozen=True, slots=True)
class System:
    """What is compared: something that replies to texts, and what is known of it.

    `spec` is what the user asked for, `description` says what runs where. `identity` tells models of the same spec
    apart. `price` is what a million read and a million written tokens cost, where tokens are paid for. `gpu_mb` returns
    the most GPU memory that was in use, in MB, where there is a GPU. `perplexities` returns the perplexity of general
    texts before and after fine-tuning by language, for an LLM with an adapter. `random` marks a model with random
    weights: only its speed is measured. `width` texts are answered side by side, so a batch should not be smaller.
    """

    spec: str
    identity: str
    description: str
    candidate: Candidate
    price: tuple[float, float] | None = None
    gpu_mb: Callable[[], float] | None = None
    perplexities: Callable[[Sequence[str]], Perplexities] | None = None
    random: bool = False
    width: int = 1
