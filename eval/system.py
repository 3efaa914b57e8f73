"""What is compared: anything that answers texts with predictions, and says of its answers what was wrong with them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.engine import Engine
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

Perplexities = dict[str, dict[str, float]]
"""By language: `before` and `after` fine-tuning, and the `tokens` that were counted."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a written answer was like: whether it was valid JSON of the asked form, and how many items it named.

    Of the items `invented` have values that are not in the text (again) and `unknown` a type that was not asked for.
    `read` and `written` are tokens.
    """

    valid: bool
    items: int
    invented: int
    unknown: int
    read: int = 0
    written: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """A prediction, and what the answer behind it was like where one was written."""

    prediction: Prediction
    answered: Answered | None = None


class Candidate(Protocol):
    """A detector to compare."""

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """Return one reply per text, in order, with entities of `types`.

        May be called from several threads. Raises PiiSftError when it cannot answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Plain:
    """A detector whose answers cannot be malformed."""

    detector: Engine

    def reply(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Reply]:
        """As `Candidate` has it."""
        return [Reply(prediction) for prediction in self.detector.detect(texts, types)]


@dataclass(frozen=True, slots=True)
class System:
    """A candidate that is ready, and what is known of it.

    `spec` is what the user asked for, `identity` tells models of the same spec apart, `description` says what runs
    where. `price` is what a million read and a million written tokens cost, where they are paid for. `gpu_mb` gives
    the most GPU memory that was in use, where there is a GPU. `perplexities` gives, for general texts, the perplexity
    before and after fine-tuning by language, of an LLM with an adapter. `random` is set of a model with random weights,
    whose speed alone is measured. `width` texts are answered side by side, so that a batch should not be smaller.
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
