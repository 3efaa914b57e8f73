"""Predicts a dataset with one system, in batches that fit its pace."""

import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from eval.dataset import Dataset
from eval.prediction.prediction_cache import PredictionFile, Run
from eval.system import Candidate, Reply, System
from schemas.spans.entity import Example
from schemas.spans.prediction import Prediction
from schemas.taxonomy import EntityType

_FIRST, _MOST = 8, 512
_SECONDS = 2.0
"""A batch takes about this long, so that little is lost when a run is stopped."""


def predict(dataset: Dataset, system: System, path: Path, run: Run, progress: Callable[[int], None]) -> None:
    """Write the predictions of `run` to `path`, from where an earlier run stopped; nothing is predicted twice.

    Of each example those of `run.types` are asked for that it annotates. `progress` hears how many texts are done.
    Raises DataError when `path` holds the predictions of another run.
    """
    with PredictionFile(path, run) as file:
        progress(file.done)
        if file.finished:
            return
        rest = islice(dataset, file.done, None)
        size = max(_FIRST, system.width)
        while batch := list(islice(rest, size)):
            start = time.perf_counter()
            replies = reply_to(system.candidate, batch, run.types)
            seconds = time.perf_counter() - start
            file.append(batch, replies, seconds)
            progress(file.done)
            size = next_batch_size(len(batch), seconds, system.width)
        file.finish()


def next_batch_size(size: int, seconds: float, width: int) -> int:
    """How many texts to ask about after a batch of `size` texts took `seconds`: what takes about two seconds.

    At most twice as many and 512, at least `width`, which the system answers side by side.
    """
    return max(width, min(_MOST, 2 * size, int(size * _SECONDS / max(seconds, 1e-9))), 1)


def reply_to(candidate: Candidate, examples: Sequence[Example], types: Sequence[EntityType]) -> list[Reply]:
    """The replies about `examples`, in order; one call for all that annotate the same of `types`.

    Nothing is asked about an example that annotates none of them.
    """
    groups: dict[tuple[EntityType, ...], list[int]] = {}
    for number, example in enumerate(examples):
        groups.setdefault(tuple(kind for kind in types if kind in example.annotated), []).append(number)
    replies: dict[int, Reply] = {}
    for wanted, numbers in groups.items():
        texts = [examples[number].document.text for number in numbers]
        answers = candidate.reply(texts, wanted) if wanted else [Reply(Prediction(text, ())) for text in texts]
        replies |= zip(numbers, answers, strict=True)
    return [replies[number] for number in range(len(examples))]
