import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from eval.prediction.predict import next_batch_size, predict, reply_to
from eval.prediction.prediction_cache import Run
from schemas.spans.entity import Entity
from tests.eval.samples import NAME, PHONE, TYPES, Finder, dataset_of, example, make_system, rows

FOUND = (Entity(0, 2, NAME), Entity(8, 13, PHONE))


def test_a_batch_is_never_smaller_than_what_runs_side_by_side(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path, rows(40))
    finder, sizes = Finder(FOUND), list[int]()
    run = Run("finder", "1", dataset.digest, TYPES)
    predict(dataset, replace(make_system(finder), width=16), tmp_path / "predictions.jsonl", run, sizes.append)
    assert sizes[:2] == [0, 16] and sizes[-1] == len(finder.asked) == 40
    assert all(after - before >= 16 or after == 40 for before, after in itertools.pairwise(sizes))


@pytest.mark.parametrize(
    ("size", "seconds", "width", "following"),
    [
        (8, 0.001, 1, 16),  # at most twice as many
        (400, 0.001, 1, 512),
        (100, 4.0, 1, 50),  # what takes two seconds
        (8, 1000.0, 1, 1),
        (16, 1000.0, 16, 16),
        (8, 0.0, 0, 16),
    ],
)
def test_batches_take_about_two_seconds(size: int, seconds: float, width: int, following: int) -> None:
    assert next_batch_size(size, seconds, width) == following


def test_only_annotated_types_are_asked_for() -> None:
    finder = Finder(FOUND)
    mixed = [example(0), example(1, annotated=(PHONE,)), example(2, annotated=()), example(3, annotated=(PHONE, NAME))]
    replies = reply_to(finder, mixed, TYPES)
    assert [reply.prediction.entities for reply in replies] == [FOUND, FOUND[1:], (), FOUND]
    assert [types for _, types in finder.asked] == [TYPES, TYPES, (PHONE,)]
