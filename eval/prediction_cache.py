"""Predictions on disk: made once, in the order of the data, and taken up again where a run was stopped.

The first line says what was predicted by what; every other line is one text:

    {"format": 1, "detector": "tagger", "identity": "…", "data": "…", "types": ["PERSON_NAME"]}
    {"id": "1", "seconds": 0.01, "entities": [[0, 2, "PERSON_NAME", 0.99, "model", null]], "answered": null}

`answered` are the fields of `eval.system.Answered`. No text is stored.
"""

import fcntl
import json
import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, get_args

from eval.dataset import Dataset
from eval.system import Answered, Reply
from schemas.errors import DataError, PiiSftError, RecordError
from schemas.llm.codec import as_list, as_object, as_string, as_type, parse_json
from schemas.spans.entity import Entity, Example
from schemas.spans.prediction import Detection, Prediction, Source
from schemas.taxonomy import EntityType

_FORMAT = 1
_HEADER = ("format", "detector", "identity", "data", "types")
_ROW = ("id", "seconds", "entities", "answered")


@dataclass(frozen=True, slots=True)
class Run:
    """Who predicts what: a detector's spec and identity, the digest of the data, the types that are looked for."""

    detector: str
    identity: str
    data: str
    types: tuple[EntityType, ...]

    def header(self) -> dict[str, Any]:
        """The first line of the file of this run."""
        types = [str(kind) for kind in self.types]
        values = (_FORMAT, self.detector, self.identity, self.data, types)
        return dict(zip(_HEADER, values, strict=True))


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
            self._write(run.header())

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
                    _check_header(_parse(line, f"{existing}:1"), run, f"{existing}:1")
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


def read_predictions(path: Path, run: Run, gold: Dataset) -> Iterator[tuple[Example, Reply, float]]:
    """Yield the examples of `gold` with the reply of the finished file `path` and the seconds that it took.

    Raises DataError, with file and line, when the predictions are of another run, do not belong to the examples, leave
    their texts or are malformed.
    """
    examples = iter(gold)
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            place = f"{path}:{number}"
            row = _parse(line, place)
            if number == 1:
                _check_header(row, run, place)
                continue
            example = next(examples, None)
            if example is None:
                raise DataError(f"{place}: a prediction beyond the last row of {gold.path}")
            yield example, *_read_row(row, example, place)
    if next(examples, None) is not None:
        raise DataError(f"{path}: ends before the last row of {gold.path}")


def _row(example: Example, reply: Reply, seconds: float) -> dict[str, Any]:
    entities = [
        [
            found.entity.start,
            found.entity.end,
            str(found.entity.type),
            float(found.score),
            found.source,
            found.validated,
        ]
        for found in reply.prediction.detections
    ]
    answered = None if reply.answered is None else astuple(reply.answered)
    return {"id": example.document.id, "seconds": round(float(seconds), 6), "entities": entities, "answered": answered}


def _parse(line: bytes, place: str) -> object:
    try:
        return parse_json(line.decode())
    except (UnicodeDecodeError, RecordError):
        raise DataError(f"{place}: not a line of a predictions file") from None


def _check_header(value: object, run: Run, place: str) -> None:
    try:
        header = as_object(value, _HEADER, "header")
    except RecordError as error:
        raise DataError(f"{place}: {error}") from None
    differing = [key for key, wanted in run.header().items() if header[key] != wanted]
    if differing:
        told = "model" if differing[0] == "identity" else differing[0]
        raise DataError(f"{place}: predictions of another {told}; remove the file or take another folder")


def _read_row(value: object, example: Example, place: str) -> tuple[Reply, float]:
    try:
        row = as_object(value, _ROW, "prediction")
        if as_string(row["id"], "id") != example.document.id:
            raise RecordError("id: not that of the row of the data")
        items = as_list(row["entities"], "entities")
        detections = tuple(_detection(as_list(item, f"entities[{at}]"), at) for at, item in enumerate(items))
        answered = None if row["answered"] is None else _answered(as_list(row["answered"], "answered"))
        seconds = row["seconds"]
        if not isinstance(seconds, float) or not 0 <= seconds < math.inf:
            raise RecordError("seconds: not a number of 0 or more")
        return Reply(Prediction(example.document.text, detections), answered), seconds
    except (PiiSftError, TypeError, ValueError) as error:
        said = error if isinstance(error, PiiSftError) else "malformed prediction"
        raise DataError(f"{place}: {said}") from None


def _detection(item: Sequence[Any], at: int) -> Detection:
    start, end, kind, score, source, validated = item
    if type(start) is not int or type(end) is not int:
        raise RecordError(f"entities[{at}]: offsets that are no integers")
    if not isinstance(score, float) or not 0 <= score <= 1:
        raise RecordError(f"entities[{at}]: a score that is no number from 0 to 1")
    if source not in get_args(Source) or validated not in (True, False, None):
        raise RecordError(f"entities[{at}]: an unknown source or check")
    return Detection(Entity(start, end, as_type(kind, f"entities[{at}].type")), score, source, validated)


def _answered(counts: Sequence[Any]) -> Answered:
    valid, *rest = counts
    if not isinstance(valid, bool) or not all(type(number) is int and number >= 0 for number in rest):
        raise RecordError("answered: not one truth value and numbers of 0 or more")
    return Answered(valid, *rest)
