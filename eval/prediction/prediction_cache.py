"""Predictions on disk: made once, in the order of the dataset, and taken up again where a run was stopped.

The first line says what was predicted by what; every other line is one text:

    {"format": 1, "detector": "tagger", "identity": "…", "data": "…", "types": ["PERSON_NAME"]}
    {"id": "1", "seconds": 0.01, "entities": [[0, 2, "PERSON_NAME", 0.99, "model", null]], "answered": null}

`answered` are the fields of `eval.system.Answered`. No text is stored.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from eval.dataset import Dataset
from eval.system import Answered, Reply
from eval.validation import Model, parse
from schemas.errors import DataError, SpanError
from schemas.spans.entity import Entity, Example
from schemas.spans.prediction import Detection, Prediction, Source
from schemas.taxonomy import EntityType

_FORMAT = 1

_Count = Annotated[int, Field(ge=0)]
_Share = Annotated[float, Field(ge=0, le=1)]
_Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class _Header(Model):
    format: int
    detector: str
    identity: str
    data: str
    types: tuple[str, ...]


class _Row(Model):
    id: str
    seconds: _Seconds
    entities: tuple[tuple[_Count, _Count, EntityType, _Share, Source, bool | None], ...]
    answered: tuple[bool, _Count, _Count, _Count, _Count, _Count] | None


@dataclass(frozen=True, slots=True)
class Run:
    """Who predicts what: a system's spec and identity, the digest of the dataset, the types that are looked for."""

    detector: str
    identity: str
    data: str
    types: tuple[EntityType, ...]


class PredictionFile:
    """The predictions of one run. Use as a context manager: the file grows under a name of its own until `finish`."""

    def __init__(self, path: Path, run: Run) -> None:
        """Take up the file of `run` at `path`; a last line that is not whole is dropped.

        `done` is the number of texts that it holds, `finished` whether it is complete. Raises DataError, with file and
        line, when the file is of another run, is written by one, or cannot be read.
        """
        self.path = path
        self.done = 0
        self.finished = path.exists()
        self._partial = path.with_name(f".{path.name}.part")
        if self.finished:
            self._recover(path, run)
            return
        self._file = self._partial.open("a", encoding="utf-8", newline="\n")
        try:
            self._lock()
            self._recover(self._partial, run)
        except DataError:
            self._file.close()
            raise
        if self._partial.stat().st_size == 0:
            self._write(_header(run).model_dump(mode="json"))

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DataError(f"{self._partial}: another run writes it") from None

    def _recover(self, existing: Path, run: Run) -> None:
        whole = 0
        with existing.open("rb") as file:
            for number, line in enumerate(file):
                if not line.endswith(b"\n"):
                    break
                if number == 0:
                    _check_header(line, run, f"{existing}:1")
                whole += len(line)
                self.done = number
        if not self.finished:
            os.truncate(existing, whole)

    def append(self, examples: Iterable[Example], replies: Iterable[Reply], seconds: float) -> None:
        """Add the replies about `examples`, which took `seconds` together, and put them on disk."""
        pairs = list(zip(examples, replies, strict=True))
        for example, reply in pairs:
            self._write(_row(example, reply, seconds / len(pairs)))
        self._file.flush()
        self.done += len(pairs)

    def _write(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")

    def finish(self) -> None:
        """Give the complete file its name."""
        self._file.close()
        self._partial.replace(self.path)
        self.finished = True

    def __enter__(self) -> "PredictionFile":
        return self

    def __exit__(self, *_: object) -> None:
        if not self.finished:
            self._file.close()


def read_predictions(path: Path, run: Run, dataset: Dataset) -> Iterator[tuple[Example, Reply, float]]:
    """Yield the examples of `dataset` with the reply of the finished file `path` and the seconds that it took.

    Raises DataError, with file, line and JSON path, when a line is malformed, and with file and line, when the
    predictions are of another run, do not belong to the examples or leave their texts.
    """
    examples = iter(dataset)
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            place = f"{path}:{number}"
            if number == 1:
                _check_header(line, run, place)
                continue
            example = next(examples, None)
            if example is None:
                raise DataError(f"{place}: a prediction beyond the last row of {dataset.path}")
            yield example, *_read_row(line, example, place)
    if next(examples, None) is not None:
        raise DataError(f"{path}: ends before the last row of {dataset.path}")


def _header(run: Run) -> _Header:
    types = tuple(str(kind) for kind in run.types)
    return _Header(format=_FORMAT, detector=run.detector, identity=run.identity, data=run.data, types=types)


def _check_header(line: bytes, run: Run, place: str) -> None:
    header, expected = parse(_Header, line, place), _header(run)
    for name, value in expected:
        if getattr(header, name) != value:
            other = "model" if name == "identity" else name
            raise DataError(f"{place}: predictions of another {other}; remove the file or take another folder")


def _row(example: Example, reply: Reply, seconds: float) -> dict[str, Any]:
    entities = [
        [item.entity.start, item.entity.end, str(item.entity.type), float(item.score), item.source, item.validated]
        for item in reply.prediction.detections
    ]
    answered = None if reply.answered is None else astuple(reply.answered)
    return {"id": example.document.id, "seconds": round(float(seconds), 6), "entities": entities, "answered": answered}


def _read_row(line: bytes, example: Example, place: str) -> tuple[Reply, float]:
    row = parse(_Row, line, place)
    if row.id != example.document.id:
        raise DataError(f"{place}: $.id: not that of the row of the data")
    try:
        detections = tuple(Detection(Entity(*item[:3]), *item[3:]) for item in row.entities)
        prediction = Prediction(example.document.text, detections)
    except SpanError as error:
        raise DataError(f"{place}: $.entities: {error}") from None
    answered = None if row.answered is None else Answered(*row.answered)
    return Reply(prediction, answered), row.seconds
