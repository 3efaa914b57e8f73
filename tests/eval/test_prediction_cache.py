import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.dataset import Dataset
from eval.predict import predict, reply_to
from eval.prediction_cache import PredictionFile, Run, read_predictions
from eval.system import Answered, Reply
from schemas.errors import DataError
from schemas.spans.entity import Entity
from tests.eval.samples import NAME, PHONE, TYPES, Finder, example, gold_of, loaded, rows
from tests.strategies import predictions

FOUND = (Entity(0, 2, NAME), Entity(8, 13, PHONE))


@pytest.fixture
def gold(tmp_path: Path) -> Dataset:
    return gold_of(tmp_path, rows(40))


def run_of(gold: Dataset) -> Run:
    return Run("finder", "1", gold.digest, TYPES)


def predicted(gold: Dataset, finder: Finder, folder: Path) -> Path:
    path = folder / "made.jsonl"
    predict(gold, loaded(finder), path, run_of(gold), lambda done: None)
    return path


@given(
    predictions(),
    st.none() | st.builds(Answered, st.booleans(), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, found: object, answered: Answered | None
) -> None:
    folder = tmp_path_factory.mktemp("store")
    gold = gold_of(folder, [example(0, text=found.text)])  # type: ignore[attr-defined]
    reply = Reply(found, answered)  # type: ignore[arg-type]
    with PredictionFile(folder / "made.jsonl", run_of(gold)) as file:
        file.append(gold, [reply], 0.5)
        file.finish()
    ((_, read, seconds),) = read_predictions(folder / "made.jsonl", run_of(gold), gold)
    assert (read, seconds) == (reply, 0.5)


def test_a_stopped_run_goes_on_without_asking_twice(gold: Dataset, tmp_path: Path) -> None:
    dying = Finder(FOUND, dies_after=16)
    with pytest.raises(KeyboardInterrupt):
        predicted(gold, dying, tmp_path)
    assert not (tmp_path / "made.jsonl").exists()
    partial = tmp_path / ".made.jsonl.part"
    partial.write_bytes(partial.read_bytes() + b'{"id": "row-1')  # killed while it wrote
    finder = Finder(FOUND)
    path = predicted(gold, finder, tmp_path)
    assert len(dying.asked) + len(finder.asked) == 40 and len(dying.asked) >= 16
    assert len(list(read_predictions(path, run_of(gold), gold))) == 40
    predicted(gold, finder, tmp_path)
    assert len(dying.asked) + len(finder.asked) == 40
    assert "张三" not in path.read_text(encoding="utf-8")


def test_two_runs_do_not_write_one_file(gold: Dataset, tmp_path: Path) -> None:
    with PredictionFile(tmp_path / "made.jsonl", run_of(gold)), pytest.raises(DataError, match="another run writes it"):
        PredictionFile(tmp_path / "made.jsonl", run_of(gold))


def test_a_batch_is_never_smaller_than_what_runs_side_by_side(
    gold: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eval.predict._SECONDS", 0.0)
    sizes: list[int] = []
    path = tmp_path / "made.jsonl"
    predict(gold, replace(loaded(Finder(FOUND)), width=16), path, run_of(gold), sizes.append)
    assert sizes == [0, 16, 32, 40]


def test_a_run_of_something_else_is_refused(gold: Dataset, tmp_path: Path) -> None:
    path = predicted(gold, Finder(FOUND), tmp_path)
    for field, value in (("data", "0"), ("identity", "2"), ("types", (NAME,)), ("detector", "other")):
        other = replace(run_of(gold), **{field: value})  # type: ignore[arg-type]
        for use in (
            lambda other=other: PredictionFile(path, other),
            lambda other=other: list(read_predictions(path, other, gold)),
        ):
            with pytest.raises(DataError, match=r"made\.jsonl:1: predictions of another"):
                use()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ({"id": "row-9"}, "id: not that of the row"),
        ({"entities": [[0, 99, "PERSON_NAME", 0.5, "model", None]]}, "outside the text"),
        ({"entities": [[0, 2, "NAME", 0.5, "model", None]]}, "no entity type"),
        ({"entities": [[0, 2]]}, "malformed prediction"),
        ({"entities": [[0, 2, "PERSON_NAME", "high", "model", None]]}, "a score that is no number"),
        ({"entities": [[0, 2, "PERSON_NAME", 7.0, "model", None]]}, "a score that is no number"),
        ({"entities": [[0, 1.5, "PERSON_NAME", 0.5, "model", None]]}, "offsets that are no integers"),
        ({"entities": [[False, True, "PERSON_NAME", 0.5, "model", None]]}, "offsets that are no integers"),
        ({"entities": [[0, 2, "PERSON_NAME", 0.5, [1], None]]}, "an unknown source"),
        ({"answered": [1, 0, 0, 0]}, "answered: "),
        ({"answered": [True, "a", 0, 0, 0, 0]}, "answered: "),
        ({"answered": [True, 1]}, "malformed prediction"),
        ({"seconds": float("nan")}, "seconds: "),
        ({"more": 1}, "other keys"),
        (None, "not a line of a predictions file"),
    ],
)
def test_predictions_that_do_not_belong_are_named_by_line(
    gold: Dataset, tmp_path: Path, line: dict[str, object] | None, told: str
) -> None:
    path = predicted(gold, Finder(FOUND), tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = "{" if line is None else json.dumps({**json.loads(lines[3]), **line})
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"made\.jsonl:4: .*{told}"):
        list(read_predictions(path, run_of(gold), gold))


@pytest.mark.parametrize(("change", "told"), [(1, r":42: a prediction beyond"), (-1, "ends before the last row")])
def test_too_many_and_too_few_predictions(gold: Dataset, tmp_path: Path, change: int, told: str) -> None:
    path = predicted(gold, Finder(FOUND), tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [*lines, lines[-1]] if change > 0 else lines[:-1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=told):
        list(read_predictions(path, run_of(gold), gold))


def test_only_annotated_types_are_asked_for() -> None:
    finder = Finder(FOUND)
    mixed = [example(0), example(1, annotated=(PHONE,)), example(2, annotated=()), example(3, annotated=(PHONE, NAME))]
    replies = reply_to(finder, mixed, TYPES)
    assert [reply.prediction.entities for reply in replies] == [FOUND, FOUND[1:], (), FOUND]
    assert [types for _, types in finder.asked] == [TYPES, TYPES, (PHONE,)]
