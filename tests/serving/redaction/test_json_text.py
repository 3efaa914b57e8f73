import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.redaction.json_text import Change, JsonError, flat, leaves, rewrite

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
layouts = st.fixed_dictionaries({"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 0, 2])})


def leaves_of(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves_of(inner, (*path, name))]
    if isinstance(value, list):
        return [leaf for place, inner in enumerate(value) for leaf in leaves_of(inner, (*path, place))]
    return [] if value is None or isinstance(value, bool) else [(path, value)]


@given(values, layouts)
def test_leaves_are_the_strings_and_numbers_in_order(value: Any, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    found = leaves(text, paths=True)
    assert [(leaf.path, json.loads(text[leaf.start : leaf.end])) for leaf in found] == leaves_of(value)
    assert all(leaf.is_number == (not isinstance(json.loads(text[leaf.start : leaf.end]), str)) for leaf in found)


@given(values, layouts)
def test_what_does_not_change_stays_as_it_is_written(value: Any, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    found = leaves(text)
    assert rewrite(text, found, iter([None] * len(list(flat(found))))) == text


@given(values, layouts)
def test_what_changes_is_escaped_for_where_it_stands(value: Any, layout: dict[str, Any]) -> None:
    def changed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: changed(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [changed(inner) for inner in value]
        return '"\\\n张' if isinstance(value, str) else value

    text = json.dumps(value, **layout)
    found = leaves(text)
    changes = (None if leaf.is_number else Change('"\\\n张') for leaf in found)
    if all(leaf.inside is None for leaf in found):
        assert json.loads(rewrite(text, found, iter(changes))) == changed(value)


def test_json_within_strings_is_read_too() -> None:
    inner = json.dumps({"name": "张三", "more": json.dumps(["x", 1])})
    text = json.dumps({"arguments": inner, "n": 5}, indent=2)
    found = leaves(text)
    assert [(leaf.name, leaf.value) for leaf in flat(found)] == [("name", "张三"), (None, "x"), (None, "1"), ("n", "5")]
    changed = rewrite(text, found, iter([Change("李"), None, Change("2", is_number=True), Change("九")]))
    outer = json.loads(changed)
    assert outer["n"] == "九"
    assert json.loads(outer["arguments"]) == {"name": "李", "more": '["x", 2]'}


def test_what_only_looks_like_json_is_a_string() -> None:
    (leaf,) = leaves('"[PERSON_NAME_1] 你好"')
    assert leaf.inside is None and leaf.name is None


def test_a_field_that_occurs_twice_is_read_twice() -> None:
    assert [leaf.value for leaf in leaves('{"a": "x", "a": "y"}')] == ["x", "y"]


def test_arrays_are_named_by_their_field() -> None:
    assert [leaf.name for leaf in leaves('{"phones": ["1", ["2"]], "b": {"c": 3}}')] == ["phones", "phones", "c"]


def test_json_may_nest_deep_but_not_too_deep() -> None:
    assert leaves("[" * 500 + '"x"' + "]" * 500)[0].value == "x"
    with pytest.raises(JsonError, match="nests deeper than 500 levels"):
        leaves("[" * 100_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1,]",
        '{"a"}',
        '{"a":}',
        "[1 2]",
        "nul",
        '"a',
        '"\n"',
        "{a:1}",
        "1 2",
        '{"a":1,}',
        "[1}",
        "'x'",
        "NaN",
        "01",
    ],
)
def test_what_is_not_json_is_refused_without_its_text(text: str) -> None:
    with pytest.raises(JsonError, match=r"^not JSON at line 1|^not JSON at line 2"):
        leaves(text)


def test_an_error_names_line_and_column() -> None:
    with pytest.raises(JsonError, match="not JSON at line 2, column 8"):
        leaves('{\n  "a": secret}')


def test_what_utf_8_cannot_write_is_escaped() -> None:
    text = '{"张": "x"}'
    assert rewrite(text, leaves(text), iter([Change("\ud800张")])) == '{"张": "\\ud800\\u5f20"}'
