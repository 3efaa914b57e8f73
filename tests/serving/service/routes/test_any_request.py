"""Whatever is sent, the service answers, and never with a failure of its own."""

import json
from typing import Any, get_args

from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from schemas.taxonomy import ALL_TYPES
from serving.engines.detection_options import OperatingPoint
from serving.engines.rules.engine import RulesEngine
from serving.redaction import OperatorName, TokenCipher
from serving.service.app import create_app
from serving.service.offsets import OffsetUnit
from serving.service.settings import ServiceSettings

_DETECT = ("types", "min_score", "operating_point", "offset_unit", "allow", "allow_patterns", "deny", "patterns")
_REDACT = (*_DETECT, "style", "keep", "reversible", "token")
PATHS = {
    "/detect": ("text", _DETECT),
    "/detect/batch": ("texts", _DETECT),
    "/redact": ("text", _REDACT),
    "/redact/batch": ("texts", _REDACT),
    "/restore": ("text", ("token",)),
    "/analyze": (
        "text",
        (
            "language",
            "entities",
            "score_threshold",
            "allow_list",
            "allow_list_match",
            "regex_flags",
            "ad_hoc_recognizers",
        ),
    ),
    "/anonymize": ("text", ("analyzer_results", "anonymizers")),
}
"""The field that a path needs, and those that it may have."""
CLIENT = TestClient(create_app(RulesEngine(), ServiceSettings(max_characters=2_000, key=TokenCipher.new_key())))

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
texts = st.text(max_size=60) | st.sampled_from(("电话13800138000", "a@b.com", "😀张三[PERSON_NAME_1]", "x" * 3_000))
kinds = st.sampled_from((*ALL_TYPES, "项目代号", "email", ""))
names = st.sampled_from((*ALL_TYPES, "PERSON", "DEFAULT", "项目代号", "机密")) | st.text(max_size=8)
operators = st.sampled_from(get_args(OperatorName))
patterns = st.text(r"()[]{}*+?.|\dws^$-a中:<>P=,0129", max_size=12)
fields: dict[str, st.SearchStrategy[Any]] = {
    "text": texts,
    "texts": st.lists(texts, max_size=5),
    "types": st.lists(kinds, max_size=5),
    "min_score": st.floats(0, 1) | st.dictionaries(names, st.floats(0, 1), max_size=3),
    "operating_point": st.sampled_from(get_args(OperatingPoint)),
    "offset_unit": st.sampled_from(get_args(OffsetUnit)),
    "allow": st.lists(texts, max_size=3),
    "allow_patterns": st.lists(patterns, max_size=3),
    "deny": st.lists(st.fixed_dictionaries({"type": kinds, "value": texts}), max_size=3),
    "patterns": st.lists(st.fixed_dictionaries({"type": kinds, "pattern": patterns}), max_size=3),
    "style": operators | st.dictionaries(names, operators, max_size=3),
    "keep": st.integers(0, 100),
    "reversible": st.booleans(),
    "token": texts,
    "language": texts,
    "entities": st.lists(texts, max_size=3),
    "score_threshold": st.floats(0, 1),
    "allow_list": st.lists(texts | patterns, max_size=3),
    "allow_list_match": st.sampled_from(("exact", "regex")),
    "regex_flags": st.integers(0, 64),
    "ad_hoc_recognizers": st.lists(
        st.fixed_dictionaries(
            {"supported_entity": names},
            optional={
                "patterns": st.lists(
                    st.fixed_dictionaries({"name": texts, "regex": patterns, "score": st.floats(0, 1)})
                ),
                "deny_list": st.lists(texts, max_size=3),
                "context": st.lists(texts, max_size=3),
            },
        ),
        max_size=2,
    ),
    "analyzer_results": st.lists(
        st.fixed_dictionaries(
            {"start": st.integers(0, 30), "end": st.integers(0, 30), "entity_type": names, "score": st.floats(0, 1)}
        ),
        max_size=4,
    ),
    "anonymizers": st.dictionaries(
        names,
        st.fixed_dictionaries(
            {"type": st.sampled_from(("replace", "redact", "mask", "hash", "keep", "encrypt")) | leaves},
            optional={"new_value": texts, "masking_char": texts, "chars_to_mask": st.integers(), "from_end": leaves},
        ),
        max_size=3,
    ),
}


@st.composite
def asked(draw: st.DrawFn, paths: tuple[str, ...] = tuple(PATHS)) -> tuple[str, Any]:
    """A path and a request for it, some of it of another kind than it should be in every other one."""
    path = draw(st.sampled_from(paths))
    needed, others = PATHS[path]
    body = draw(st.fixed_dictionaries({needed: fields[needed]}, optional={name: fields[name] for name in others}))
    if draw(st.booleans()):
        body[draw(st.sampled_from((needed, *others)))] = draw(values)
    return path, body


def lines_of(text: str) -> list[str]:
    """Lines of JSON, which a line feed alone ends: a text in them may hold U+0085 or U+2028."""
    return text.removesuffix("\n").split("\n") if text else []


def check(path: str, content: bytes, media_type: str = "application/json") -> None:
    response = CLIENT.post(path, content=content, headers={"content-type": media_type})
    assert response.status_code in (200, 403, 409, 413, 422), response.status_code
    for line in lines_of(response.text) if "ndjson" in response.headers["content-type"] else [response.text]:
        answer = json.loads(line)
        assert response.status_code == 200 or set(answer) == {"detail"}
        assert not isinstance(answer, dict) or answer.get("status") != 500


@given(asked())
def test_any_request_is_answered(request: tuple[str, Any]) -> None:
    path, body = request
    check(path, json.dumps(body).encode())


@given(st.sampled_from(list(PATHS)), values.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=200))
def test_any_bytes_are_answered(path: str, body: bytes) -> None:
    check(path, body)
    check("/detect/batch", body, "application/x-ndjson")
    check("/redact/batch", body, "application/x-ndjson")


@given(st.sampled_from(("/detect", "/redact")).flatmap(lambda path: st.lists(asked((path,)), min_size=1, max_size=6)))
@example([("/redact", {"text": "\x85"})])
def test_any_lines_are_answered(rows: list[tuple[str, Any]]) -> None:
    lines = "\n".join(json.dumps(body) for _, body in rows)
    check(f"{rows[0][0]}/batch", lines.encode(), "application/x-ndjson")
