"""The LLM as a detector: texts to segments, segments to batches, answers to entities."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from llguidance import LLTokenizer
from transformers import GenerationConfig, LogitsProcessorList, PreTrainedModel, PreTrainedTokenizerFast

from schemas.chat_tokenizer import ChatTokenizer
from schemas.entity import Entity, check_text
from schemas.prediction import Detection, Prediction
from schemas.prompt import question
from schemas.segments import segments
from schemas.taxonomy import DEFAULT_TYPES, EntityType, parse_types
from serving.llm.answers import Written, read_answer
from serving.llm.constraint import Constraint
from serving.llm.grammar import answer_grammar
from serving.llm.recall import decision_tokens

_SEGMENT, _OVERLAP = 1000, 100
"""Characters of a segment, and of what two of them share."""
_LEAST = 32
"""Characters of a segment that is not split again when its answer takes too long."""

_Job = tuple[int, int, int]
"""Number of the text, start and end of the segment in it."""


class LlmDetector:
    """Finds entities by asking a causal language model; itself a `schemas.prediction.Detector`.

    An answer that takes more tokens than `budget` and the characters of its segment is not believed: the segment is
    split and asked about again.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerFast,
        batch: int = 8,
        budget: int = 128,
        recall: float = 0.0,
    ) -> None:
        """Answer with `model` as it is, `batch` segments at a time.

        `recall` are log-odds in favour of another entity whenever the list could end; below 0 they favour precision.

        Raises ModelError for a tokenizer that breaks the contract.
        """
        self.model: Any = model  # `generate` is typed as a tensor
        self._chat = ChatTokenizer(tokenizer.backend_tokenizer, type(tokenizer).__name__)
        vocabulary = model.config.get_text_config().vocab_size
        backend = tokenizer.backend_tokenizer
        self._grammar = LLTokenizer(backend.to_str(), n_vocab=vocabulary, eos_token=self._chat.end)
        self._batch = batch
        self._budget = budget
        self._pairs, self._recall = decision_tokens(self._chat), recall

    def detect(self, texts: Sequence[str], types: Sequence[EntityType] | None = None) -> list[Prediction]:
        """Return one prediction per text, in order, as `schemas.prediction.Detector` has it."""
        wanted = DEFAULT_TYPES if types is None else parse_types(types)
        for text in texts:
            check_text(text)
        found: list[list[Detection]] = [[] for _ in texts]
        jobs = [(number, *span) for number, text in enumerate(texts) for span in _spans(text)]
        while jobs:
            jobs.sort(key=lambda job: job[1] - job[2])
            again: list[_Job] = []
            for group in (jobs[start : start + self._batch] for start in range(0, len(jobs), self._batch)):
                again += self._run(group, texts, wanted, found)
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
            in_time = whole and len(written.tokens) <= self._budget + len(part)
            if in_time or len(part) <= _LEAST:
                found[number] += [_moved(detection, start) for detection in detections]
            else:
                half = len(part) // 2 + 1
                yield from ((number, start + low, start + high) for low, high in segments(part, half, half // 8))

    @torch.inference_mode()
    def answer(self, texts: Sequence[str], types: Sequence[EntityType]) -> list[Written]:
        """Ask the model about each of `texts`, as one batch, and return what it wrote."""
        prompts = [self._chat.prompt(question(text, types)) for text in texts]
        longest = max(map(len, prompts))
        rows = [[self._chat.end] * (longest - len(prompt)) + prompt for prompt in prompts]
        mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
        device = self.model.device
        grammars = [answer_grammar(text, types) for text in texts]
        constraint = Constraint(self._grammar, grammars, longest, self._pairs, self._recall)
        written = self.model.generate(
            input_ids=torch.tensor(rows, device=device),
            attention_mask=torch.tensor(mask, device=device),
            generation_config=self._settings(self._budget + max(map(len, texts))),
            logits_processor=LogitsProcessorList([constraint]),
        )
        answers = written[:, longest:].tolist()
        return [self._written(ids, row) for ids, row in zip(answers, constraint.log_probabilities, strict=True)]

    def _settings(self, budget: int) -> GenerationConfig:
        end = self._chat.end
        return GenerationConfig(
            max_new_tokens=budget, do_sample=False, use_cache=True, eos_token_id=end, pad_token_id=end
        )

    def _written(self, ids: Sequence[int], log_probabilities: Sequence[float]) -> Written:
        ended = ids.index(self._chat.end) if self._chat.end in ids else len(ids)
        return Written([self._grammar.decode_bytes([token]) for token in ids[:ended]], log_probabilities[:ended])


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
