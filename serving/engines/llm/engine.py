"""The LLM as an engine: questions about segments of texts, answered in batches under the grammar."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.engine import Engine
from schemas.llm.prompt import preamble, question
from schemas.spans.entity import Entity, Example
from schemas.spans.prediction import Prediction
from schemas.taxonomy import DEFAULT_TYPES, EntityType, parse_types
from serving.engines.llm.answers import WrittenAnswer
from serving.engines.llm.backends.backend import Backend, OutOfMemoryError
from serving.engines.llm.constraint.grammar import Grammar
from serving.engines.llm.constraint.syntax import Syntax
from serving.engines.llm.constraint.vocabulary import Vocabulary
from serving.engines.llm.decoding import Decoder, Job
from serving.engines.llm.drafts import Draft
from serving.engines.llm.segmented import BUDGET, LEAST, detect_in_segments
from serving.engines.rules.forms import formed_spans
from serving.engines.turns import Turns


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """How an LLM answers.

    An answer that takes more tokens than `budget` and the characters of its segment is not believed: the segment is
    split and asked about again. `bias` are log-odds in favour of another entity whenever the list could end; below
    0 they favour precision. `formed` limits the values of types with a fixed form to what has that form. `few_shot` are
    examples in the prompt, for a model that was not trained on the task. `ahead` is the most tokens that are drafted
    at a time; `copy` drafts values from the text. `opening` stands before the answer: an empty thought, for a model
    that would think first. `constraint` is there for comparison: JSON under the schema alone, or anything at all.
    """

    budget: int = BUDGET
    bias: float = 0.0
    formed: bool = False
    few_shot: tuple[Example, ...] = ()
    ahead: int = 16
    copy: bool = True
    opening: str = ""
    constraint: Literal["grounded", "schema", "none"] = "grounded"


class LlmEngine:
    """Finds entities by asking a causal language model; itself a `schemas.engine.Engine`.

    Calls from several threads take turns, of at most `backend.rows` segments each, so that none waits for a long text.
    """

    def __init__(
        self,
        backend: Backend,
        chat: ChatTokenizer,
        settings: LlmSettings = LlmSettings(),
        guesser: Engine | None = None,
    ) -> None:
        """Answer with `backend`; what `guesser` finds is the draft of an answer, and changes its time alone."""
        self.backend = backend
        self.chat = chat
        self._settings = settings
        self._guesser = guesser
        vocabulary = Vocabulary(chat.token_bytes(), chat.end)
        self._decoder = Decoder(backend, vocabulary, settings.ahead, settings.bias)
        self._syntax = lru_cache(16)(lambda types: Syntax(vocabulary, types))
        self._turns = Turns()

    def with_settings(self, settings: LlmSettings) -> "LlmEngine":
        """An engine of the same model that answers by `settings`; the two take turns."""
        other = LlmEngine(self.backend, self.chat, settings, self._guesser)
        other._turns = self._turns
        return other

    def with_bias(self, log_odds: float) -> "LlmEngine":
        """The same model with `log_odds` more in favour of another entity; see `LlmSettings`."""
        return self.with_settings(replace(self._settings, bias=self._settings.bias + log_odds))

    def warm_up(self) -> None:
        """Compute what every question about the default types begins with, which the first one would pay for."""
        with self._turns:
            self.backend.begin(self.chat.prompt(preamble(DEFAULT_TYPES, self._settings.few_shot)), 1)
            self._syntax(DEFAULT_TYPES)

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order, as `schemas.engine.Engine` has it."""
        requested = parse_types(types)
        return detect_in_segments(texts, lambda parts: self.answer(parts, requested), self.backend.rows)

    def answer(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[WrittenAnswer]:
        """Ask the model about each of `texts`, at most `backend.rows` at a time, and return what it wrote."""
        try:
            with self._turns:
                return self._answer(texts, types)
        except OutOfMemoryError:
            if len(texts) == 1:
                raise
        half = len(texts) // 2
        return [*self.answer(texts[:half], types), *self.answer(texts[half:], types)]

    def _answer(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[WrittenAnswer]:
        few_shot = self._settings.few_shot
        before = preamble(types, few_shot)
        prefix = self.chat.prompt(before)
        opening = self.chat.encode(self._settings.opening)
        prompts = [[*self.chat.prompt(question(text, types, few_shot)[len(before) :]), *opening] for text in texts]
        guesses: Sequence[Sequence[Entity] | None] = [None] * len(texts)
        if self._guesser is not None:
            guesses = [prediction.entities for prediction in self._guesser.detect(texts, types)]
        jobs = [
            self._job(text, prompt, types, guess) for text, prompt, guess in zip(texts, prompts, guesses, strict=True)
        ]
        return self._decoder.decode(prefix, jobs)

    def _job(
        self, text: str, prompt: Sequence[int], types: Sequence[EntityType], guess: Sequence[Entity] | None
    ) -> Job:
        settings = self._settings
        budget = settings.budget + len(text)
        if settings.constraint != "grounded":
            from serving.engines.llm.constraint.unconstrained import baseline

            return Job(prompt, baseline(settings.constraint, self._decoder.vocabulary, self.chat, types), budget)
        spans = formed_spans(text, types) if settings.formed else None
        grammar = Grammar(self._syntax(tuple(types)), text, spans)
        draft = Draft(grammar, self.chat.encode, copy=settings.copy, guess=guess)
        return Job(prompt, grammar.start, budget if len(text) > LEAST else None, draft)
