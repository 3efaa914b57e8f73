"""A request has its text checked and folded, its types resolved and its spans checked at most once."""

import threading
from collections import Counter
from types import FrameType
from typing import Any

import pytest
from starlette.testclient import TestClient

from pii_sft import Detector
from schemas.spans.entity import check_spans
from schemas.taxonomy import Types, parse_types
from schemas.text.fold import fold
from schemas.text.text import check_text
from serving.service.app import create_app

TEXT = "收件人张三，电话１３８-0013-8000，邮箱lilei@example.com"
CODES = {function.__code__: function.__name__ for function in (check_text, fold, check_spans, parse_types)}


def counts_as_work(values: dict[str, Any]) -> bool:
    """Whether a call with these arguments is about the whole text, and not about types that are resolved already."""
    names = values.get("names")
    return values.get("text", TEXT) == TEXT and (
        "names" not in values or not (names is None or isinstance(names, Types))
    )


@pytest.mark.parametrize("types", [None, ["EMAIL", "PHONE_NUMBER"]])
def test_each_text_is_looked_at_once(types: list[str] | None) -> None:
    work: Counter[str] = Counter()

    def count(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code in CODES:
            work[CODES[frame.f_code]] += counts_as_work(frame.f_locals)

    engine = Detector.load().engine
    threading.setprofile(count)
    try:
        response = TestClient(create_app(engine)).post("/detect", json={"text": TEXT, "types": types})
    finally:
        threading.setprofile(None)
    assert [entity["type"] for entity in response.json()["entities"]][-2:] == ["PHONE_NUMBER", "EMAIL"]
    assert work == {"check_text": 1, "fold": 1, "check_spans": 1, "parse_types": 0 if types is None else 1}
