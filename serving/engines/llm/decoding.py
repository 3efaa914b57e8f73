"""Greedy decoding under constraints: several answers in step, several tokens of each in one call of the model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from serving.engines.llm.answers import WrittenAnswer
from serving.engines.llm.backends.backend import Backend, Floats, Ids, Query
from serving.engines.llm.bias import shift_odds
from serving.engines.llm.constraint.constraint import Constraint
from serving.engines.llm.constraint.vocabulary import Vocabulary
from serving.engines.llm.drafts import Draft


@dataclass(frozen=True, slots=True)
class Job:
    """An answer to write: the prompt behind the common prefix, the constraint, and the most tokens it may take."""

    prompt: Sequence[int] = field(repr=False)
    constraint: Constraint = field(repr=False)
    budget: int | None = None
    draft: Draft | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Decoder:
    """Writes the most probable allowed token at every step.

    `ahead` is the most tokens that are drafted at a time: 0 gives the plain loop, which writes the same tokens one
    call each. `bias` are log-odds in favour of going on with the list of entities.
    """

    backend: Backend
    vocabulary: Vocabulary
    ahead: int = 16
    bias: float = 0.0

    def decode(self, prefix: Sequence[int], jobs: Sequence[Job]) -> list[WrittenAnswer]:
        """Write the answers of `jobs`, at most `backend.rows`, whose prompts all begin with `prefix`."""
        answers = [_Answer(self, job) for job in jobs]
        active = answers
        rows = self.backend.begin(prefix, len(jobs))
        while active:
            logits = rows.forward([answer.chunk for answer in active], [answer.queries() for answer in active])
            rows.keep([answer.take(chosen) for answer, chosen in zip(active, logits, strict=True)])
            going = [row for row, answer in enumerate(active) if not answer.ended]
            if len(going) < len(active):
                rows.select(going)
                active = [active[row] for row in going]
        return [answer.written() for answer in answers]


class _Answer:
    """An answer in the making: what is written, and what is fed to the model next."""

    def __init__(self, decoder: Decoder, job: Job) -> None:
        self._decoder = decoder
        self._job = job
        self._constraint = job.constraint
        self._tokens: list[int] = []
        self._log_probabilities: list[float] = []
        self._bytes = b""
        self.ended = False
        self._propose(job.prompt)

    def _propose(self, known: Sequence[int]) -> None:
        """Feed `known` next, and behind it the draft; `_points` are where a token is to be chosen."""
        self.chunk = list(known)
        self._known = len(self.chunk)
        self._points: list[tuple[Constraint, Ids | None]] = []
        draft = self._job.draft
        ahead = self._decoder.ahead if draft is not None else 0
        guesses = iter(draft.tokens(self._constraint, self._bytes, self._tokens) if draft and ahead else ())
        constraint: Constraint | None = self._constraint
        while constraint is not None and not constraint.done:
            allowed = constraint.allowed()
            self._points.append((constraint, allowed))
            if len(self._points) > ahead:
                break
            guess = next(guesses, None)
            if allowed is not None and len(allowed) == 1:
                guess = int(allowed[0])
            constraint = None if guess is None else constraint.advance(self._token_bytes(guess))
            if guess is not None and constraint is not None and not constraint.done:
                self.chunk.append(guess)

    def queries(self) -> list[Query]:
        """The logits that are needed: none where one token alone is allowed."""
        return [
            (self._known - 1 + number, allowed)
            for number, (_, allowed) in enumerate(self._points)
            if allowed is None or len(allowed) > 1
        ]

    def take(self, logits: Sequence[Floats]) -> int:
        """Choose tokens by `logits`, as far as the draft proves right; return how many tokens of the chunk stay."""
        fed = len(self.chunk)
        remaining = iter(logits)
        token = -1
        for number, (constraint, allowed) in enumerate(self._points):
            if allowed is not None and len(allowed) == 1:
                token, log_probability = int(allowed[0]), 0.0
            else:
                token, log_probability = self._choose(constraint, allowed, next(remaining))
            if token == self._decoder.vocabulary.end:
                self.ended = True
                break
            self._write(token, log_probability)
            position = self._known + number
            if self.ended or position >= fed or self.chunk[position] != token:
                break
        kept = self._known + number
        if not self.ended:
            self._propose([token])
        return kept

    def _choose(self, constraint: Constraint, allowed: Ids | None, logits: Floats) -> tuple[int, float]:
        """The token of the highest logit, and the logarithm of its probability among the allowed."""
        if self._decoder.bias and allowed is not None:
            leads = [constraint.leads(self._token_bytes(token)) for token in allowed.tolist()]
            logits = shift_odds(logits, leads, self._decoder.bias)
        best = int(logits.argmax())
        log_probability = float(logits[best] - np.logaddexp.reduce(logits))
        return best if allowed is None else int(allowed[best]), log_probability

    def _write(self, token: int, log_probability: float) -> None:
        written = self._token_bytes(token)
        after = self._constraint.advance(written)
        assert after is not None  # noqa: S101 - allowed tokens can be written
        self._constraint = after
        self._tokens.append(token)
        self._log_probabilities.append(log_probability)
        self._bytes += written
        self.ended = after.done or len(self._tokens) == self._job.budget

    def _token_bytes(self, token: int) -> bytes:
        return self._decoder.vocabulary.token_bytes.get(token, b"")

    def written(self) -> WrittenAnswer:
        """What was written."""
        return WrittenAnswer([self._token_bytes(token) for token in self._tokens], self._log_probabilities)
