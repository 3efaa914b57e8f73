"""The LLM as a detector: texts to segments, segments to batches, answers to entities."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Literal

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.engine import Engine
from schemas.llm.prompt import preamble, question
from schemas.spans.entity import Entity, Example
from schemas.spans.prediction import Detection, Prediction
from schemas.taxonomy import EntityType, parse_types
from schemas.text.sentences import segments
from schemas.text.text import Text
from serving.engines.llm.answers import Written, read_answer
from serving.engines.llm.backends.backend import Backend, OutOfMemoryError
from serving.engines.llm.constraint.grammar import Grammar
from serving.engines.llm.constraint.syntax import Syntax
from serving.engines.llm.constraint.vocabulary import Vocabulary
from serving.engines.llm.decoding import Decoder, Job
from serving.engines.llm.drafts import Draft
from serving.engines.rules.forms import formed_spans

_SEGMENT, _OVERLAP = 1000, 100
"""Characters of a segment, and of what two of them share."""
_LEAST = 32
"""Characters of a segment that is not split again when its answer takes too long."""

_Job = tuple[int, int, int]
"""Number of the text, start and end of the segment in it."""

Constraint = Literal["grounded", "schema", "none"]


@dataclass(frozen=True, slots=True)
class Settings:
    """How an LLM answers.

    An answer that takes more tokens than `budget` and the characters of its segment is not believed: the segment is
    split and asked about again. `recall` are log-odds in favour of another entity whenever the list could end; below
    0 they favour precision. `formed` limits the values of types with a fixed form to what has that form. `shots` are
    examples in the prompt, for a model that was not trained on the task. `ahead` is the most tokens that are drafted
    at a time; `copy` drafts values from the text. `opening` stands before the answer: an empty thought, for a model
    that would think first. `constraint` is there for comparison: JSON under the schema alone, or anything at all.
    """

    budget: int = 128
    recall: float = 0.0
    formed: bool = False
    shots: tuple[Example, ...] = ()
    ahead: int = 16
    copy: bool = True
    opening: str = ""
    constraint: Constraint = "grounded"


class LlmEngine:
    """Finds entities by asking a causal language model; itself a `schemas.engine.Engine`.

    Calls from several threads take turns.
    """

    def __init__(
        self,
        model: Backend,
        chat: ChatTokenizer,
        settings: Settings = Settings(),
        guesser: Engine | None = None,
    ) -> None:
        """Answer with `model`; what `guesser` finds is the draft of an answer, and changes its time alone."""
        self.model = model
        self.chat = chat
        self._settings = settings
        self._guesser = guesser
        vocabulary = Vocabulary(chat.pieces(), chat.end)
        self._decoder = Decoder(model, vocabulary, settings.ahead, settings.recall)
        self._syntax = lru_cache(16)(lambda types: Syntax(vocabulary, types))
        self._lock = Lock()

    def with_settings(self, settings: Settings) -> "LlmEngine":
        """A detector of the same model that answers by `settings`; the two take turns."""
        other = LlmEngine(self.model, self.chat, settings, self._guesser)
        other._lock = self._lock
        return other

    def with_bias(self, recall: float) -> "LlmEngine":
        """The same model with log-odds of `recall` more in favour of another entity; see `Settings`."""
        return self.with_settings(replace(self._settings, recall=self._settings.recall + recall))

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order, as `schemas.engine.Engine` has it."""
        wanted = parse_types(types)
        texts = [Text.of(text) for text in texts]
        found: list[list[Detection]] = [[] for _ in texts]
        jobs = [(number, *span) for number, text in enumerate(texts) for span in _spans(text)]
        while jobs:
            jobs.sort(key=lambda job: job[1] - job[2])
            again: list[_Job] = []
            for start in range(0, len(jobs), self.model.rows):
                again += self._run(jobs[start : start + self.model.rows], texts, wanted, found)
            jobs = again
        return [Prediction(text, _merge(detections)) for text, detections in zip(texts, found, strict=True)]

    def _run(
        self, jobs: Sequence[_Job], texts: Sequence[str], types: Sequence[EntityType], found: list[list[Detection]]
    ) -> Iterator[_Job]:
        """Answer `jobs`; put what they hold into `found` and yield the parts of those whose answers took too long."""
        parts = [texts[number][start:end] for number, start, end in jobs]
        for job, part, written in zip(jobs, parts, self.answer(parts, types), strict=True):
            number, start, _ = job
            detections, whole = read_answer(part, written)
            if whole or len(part) <= _LEAST:
                found[number] += [_moved(detection, start) for detection in detections]
            else:
                half = len(part) // 2 + 1
                yield from ((number, start + low, start + high) for low, high in segments(part, half, half // 8))

    def answer(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Written]:
        """Ask the model about each of `texts`, at most `model.rows` at a time, and return what it wrote."""
        try:
            with self._lock:
                return self._answer(texts, types)
        except OutOfMemoryError:
            if len(texts) == 1:
                raise
        half = len(texts) // 2
        return [*self.answer(texts[:half], types), *self.answer(texts[half:], types)]

    def _answer(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Written]:
        shots = self._settings.shots
        before = preamble(types, shots)
        prefix = self.chat.prompt(before)
        opening = self.chat.encode(self._settings.opening)
        prompts = [[*self.chat.prompt(question(text, types, shots)[len(before) :]), *opening] for text in texts]
        guesses = (
            [found.entities for found in self._guesser.detect(texts, types)] if self._guesser else [None] * len(texts)
        )
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
            from serving.engines.llm.constraint.unconstrained import start

            return Job(prompt, start(settings.constraint, self._decoder.vocabulary, self.chat, types), budget)
        spans = formed_spans(text, types) if settings.formed else None
        grammar = Grammar(self._syntax(tuple(types)), text, spans)
        draft = Draft(grammar, self.chat.encode, copy=settings.copy, guess=guess)
        return Job(prompt, grammar.start, budget if len(text) > _LEAST else None, draft)


def _spans(text: str) -> list[tuple[int, int]]:
    return segments(text, _SEGMENT, _OVERLAP) if text else []


def _moved(detection: Detection, start: int) -> Detection:
    entity = detection.entity
    return Detection(Entity(entity.start + start, entity.end + start, entity.type), detection.score, "model")


def _merge(detections: Iterable[Detection]) -> tuple[Detection, ...]:
    """Of entities that overlap, found in neighbouring segments, the longest and then the surest; in reading order."""
    kept: list[Detection] = []
    for found in sorted(
        detections, key=lambda found: (found.entity.start - found.entity.end, -found.score, found.entity)
    ):
        if all(found.entity.end <= other.entity.start or other.entity.end <= found.entity.start for other in kept):
            kept.append(found)
    return tuple(sorted(kept, key=lambda found: found.entity))
