import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.dataset import Dataset
from eval.prediction.predict import predict
from eval.prediction.prediction_cache import PredictionFile, Run, read_predictions
from eval.system import Answered, Reply
from schemas.errors import DataError
from schemas.spans.entity import Entity
from tests.eval.samples import NAME, PHONE, TYPES, Finder, dataset_of, example, make_system, rows
from tests.strategies import predictions

FOUND = (Entity(0, 2, NAME), Entity(8, 13, PHONE))


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return dataset_of(tmp_path, rows(40))


def run_of(dataset: Dataset) -> Run:
    return Run("finder", "1", dataset.digest, TYPES)


def predicted(dataset: Dataset, finder: Finder, folder: Path) -> Path:
    path = folder / "predictions.jsonl"
    predict(dataset, make_system(finder), path, run_of(dataset), lambda done: None)
    return path


@given(
    predictions(),
    st.none() | st.builds(Answered, st.booleans(), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9)),
)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, found: object, answered: Answered | None
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    dataset = dataset_of(folder, [example(0, text=found.text)])  # type: ignore[attr-defined]
    reply = Reply(found, answered)  # type: ignore[arg-type]
    with PredictionFile(folder / "predictions.jsonl", run_of(dataset)) as file:
        file.append(dataset, [reply], 0.5)
        file.finish()
    ((_, read, seconds),) = read_predictions(folder / "predictions.jsonl", run_of(dataset), dataset)
    assert (read, seconds) == (reply, 0.5)


def test_a_stopped_run_goes_on_without_asking_twice(dataset: Dataset, tmp_path: Path) -> None:
    dying = Finder(FOUND, dies_after=16)
    with pytest.raises(KeyboardInterrupt):
        predicted(dataset, dying, tmp_path)
    assert not (tmp_path / "predictions.jsonl").exists()
    partial = tmp_path / ".predictions.jsonl.part"
    partial.write_bytes(partial.read_bytes() + b'{"id": "row-1')  # killed while it wrote
    finder = Finder(FOUND)
    path = predicted(dataset, finder, tmp_path)
    assert len(dying.asked) + len(finder.asked) == 40 and len(dying.asked) >= 16
    assert len(list(read_predictions(path, run_of(dataset), dataset))) == 40
    predicted(dataset, finder, tmp_path)
    assert len(dying.asked) + len(finder.asked) == 40
    assert "张三" not in path.read_text(encoding="utf-8")


def test_two_runs_do_not_write_one_file(dataset: Dataset, tmp_path: Path) -> None:
    with (
        PredictionFile(tmp_path / "predictions.jsonl", run_of(dataset)),
        pytest.raises(DataError, match="another run writes it"),
    ):
        PredictionFile(tmp_path / "predictions.jsonl", run_of(dataset))


def test_a_run_of_something_else_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    path = predicted(dataset, Finder(FOUND), tmp_path)
    for field, value in (("data", "0"), ("identity", "2"), ("types", (NAME,)), ("detector", "other")):
        other = replace(run_of(dataset), **{field: value})  # type: ignore[arg-type]
        for use in (
            lambda other=other: PredictionFile(path, other),
            lambda other=other: list(read_predictions(path, other, dataset)),
        ):
            with pytest.raises(DataError, match=r"predictions\.jsonl:1: predictions of another"):
                use()


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ({"id": "row-9"}, "$.id: not that of the row"),
        ({"entities": [[0, 99, "PERSON_NAME", 0.5, "model", None]]}, "$.entities: .*outside the text"),
        ({"entities": [[2, 0, "PERSON_NAME", 0.5, "model", None]]}, "$.entities: "),
        ({"entities": [[-1, 2, "PERSON_NAME", 0.5, "model", None]]}, "$.entities[0][0]: Input should be greater than"),
        ({"entities": [[0, 2, "NAME", 0.5, "model", None]]}, "$.entities[0][2]: Input should be"),
        ({"entities": [[0, 2]]}, "$.entities[0][2]: Field required"),
        ({"entities": {}}, "$.entities: Input should be a valid"),
        (
            {"entities": [[0, 2, "PERSON_NAME", "high", "model", None]]},
            "$.entities[0][3]: Input should be a valid number",
        ),
        ({"entities": [[0, 2, "PERSON_NAME", 7.0, "model", None]]}, "$.entities[0][3]: Input should be less than"),
        ({"entities": [[0, 2, "PERSON_NAME", float("nan"), "model", None]]}, "$.entities[0][3]: Input should be"),
        (
            {"entities": [[0, 1.5, "PERSON_NAME", 0.5, "model", None]]},
            "$.entities[0][1]: Input should be a valid integer",
        ),
        (
            {"entities": [[False, True, "PERSON_NAME", 0.5, "model", None]]},
            "$.entities[0][0]: Input should be a valid int",
        ),
        (
            {"entities": [[0, 2, "PERSON_NAME", 0.5, [1], None]]},
            "$.entities[0][4]: Input should be 'model', 'rule', 'both'",
        ),
        ({"entities": [[0, 2, "PERSON_NAME", 0.5, "model", 1]]}, "$.entities[0][5]: Input should be a valid boolean"),
        ({"answered": [1, 0, 0, 0, 0, 0]}, "$.answered[0]: Input should be a valid boolean"),
        ({"answered": [True, "a", 0, 0, 0, 0]}, "$.answered[1]: Input should be a valid integer"),
        ({"answered": [True, 1]}, "$.answered[2]: Field required"),
        ({"seconds": float("nan")}, "$.seconds: Input should be"),
        ({"seconds": -1.0}, "$.seconds: Input should be greater than"),
        ({"more": 1}, "$: holds a key that does not belong there"),
        (None, "not valid JSON"),
    ],
)
def test_predictions_that_do_not_belong_are_named_by_line(
    dataset: Dataset, tmp_path: Path, line: dict[str, object] | None, fault: str
) -> None:
    path = predicted(dataset, Finder(FOUND), tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[3] = "{" if line is None else json.dumps({**json.loads(lines[3]), **line})
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"predictions\.jsonl:4: {re.escape(fault).replace(re.escape('.*'), '.*')}"):
        list(read_predictions(path, run_of(dataset), dataset))


@pytest.mark.parametrize(("change", "told"), [(1, r":42: a prediction beyond"), (-1, "ends before the last row")])
def test_too_many_and_too_few_predictions(dataset: Dataset, tmp_path: Path, change: int, told: str) -> None:
    path = predicted(dataset, Finder(FOUND), tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [*lines, lines[-1]] if change > 0 else lines[:-1]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=told):
        list(read_predictions(path, run_of(dataset), dataset))
