"""Label Studio's exports JSON and JSON-MIN: a list of tasks, whose labels stand in their annotations or in themselves.

    [{"id": 1, "data": {"text": "我叫张三"}, "annotations": [{"was_cancelled": false, "result": [
        {"type": "labels", "value": {"start": 2, "end": 4, "text": "张三", "labels": ["PER"]}}]}]}]
    [{"id": 1, "text": "我叫张三", "label": [{"start": 2, "end": 4, "text": "张三", "labels": ["PER"]}]}]

https://labelstud.io/guide/task_format
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from data_builders.sources.json_list import read_json_list
from data_builders.sources.own.labelled import LabelledSpan, LabelledText, span_of, text_of
from schemas.errors import DataError


def read_label_studio(file: Path, text: str, report: Counter[str]) -> Iterator[LabelledText]:
    """The texts of a file, which stand in the field `text` of the tasks' data.

    A task without an annotation, and one that several people annotated in different ways without a ground truth, is
    dropped; `report` counts them, and the parts of annotations that are no labels of text. Raises DataError with file,
    line and task.
    """
    for place, task in read_json_list(file, "task", "export as JSON or JSON-MIN"):
        has_data = isinstance(task.get("data"), dict)
        content = text_of(task["data"] if has_data else task, text, place)
        results = _results(task) if has_data else [_listed(task)]
        answers = {tuple(sorted(set(_spans(result, content, place, report)))) for result in results}
        if len(answers) == 1:
            yield LabelledText(place, content, answers.pop())
        else:
            report["dropped: annotated in different ways" if answers else "dropped: not annotated"] += 1


def _results(task: dict[str, Any]) -> list[list[Any]]:
    """The results of the annotations that count: the ground truth where there is one, else all that were submitted."""
    listed = task.get("annotations")
    dicts = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    annotations = [item for item in dicts if not item.get("was_cancelled")]
    truths = [item for item in annotations if item.get("ground_truth")]
    return [item["result"] for item in truths or annotations if isinstance(item.get("result"), list)]


def _listed(task: dict[str, Any]) -> list[Any]:
    """The labels of a task of JSON-MIN, in the form of a result; their list has the name of the labels' control."""
    lists = (value for value in task.values() if isinstance(value, list))
    items = (item for values in lists for item in values if isinstance(item, dict) and "labels" in item)
    return [{"type": "labels", "value": item} for item in items]


def _spans(result: Iterable[Any], text: str, place: str, report: Counter[str]) -> Iterator[LabelledSpan]:
    for region in result:
        kind, value = (region.get("type"), region.get("value")) if isinstance(region, dict) else (None, None)
        if not str(kind).endswith("labels"):
            report[f"left out of annotations: {kind}"] += 1
        elif kind != "labels" or not isinstance(value, dict) or not isinstance(value.get("labels"), list):
            raise DataError(f"{place}: labels of the kind {kind} cannot be read; label a Text with Labels")
        else:
            for label in value["labels"]:
                span = span_of(value.get("start"), value.get("end"), label, place)
                yield _checked(span, value.get("text"), text, place)


def _checked(span: LabelledSpan, value: Any, text: str, place: str) -> LabelledSpan:
    """The span whose value is `value`, where the export says so: old versions count UTF-16 code units."""
    if value is None or text[span.start : span.end] == value:
        return span
    units = text.encode("utf-16-le", "surrogatepass")
    start, end = (len(units[: 2 * offset].decode("utf-16-le", "ignore")) for offset in span[:2])
    if text[start:end] != value:
        raise DataError(f"{place}: {span.label} at [{span.start}, {span.end}) is not what the text has there")
    return LabelledSpan(start, end, span.label)
