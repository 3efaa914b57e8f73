"""Pieces of streams that stand in seldom places: calls of tools without a number, lists of parts, transcripts."""

import json
from typing import Any

import pytest

from serving.gateway.answers import EventRestorer
from serving.gateway.protocols.openai import OpenAI
from serving.gateway.sse import ServerEvent
from tests.serving.gateway.test_streams import ADDRESS, ADDRESS_CODE, MAP, NAME, NAME_CODE

HALF, REST = NAME_CODE[:7], NAME_CODE[7:]


def received(*deltas: dict[str, Any]) -> list[dict[str, Any]]:
    """The deltas that a client gets."""
    restorer = EventRestorer(OpenAI(), MAP)
    events = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    told = [one for event in events for one in restorer.feed(ServerEvent([f"data: {json.dumps(event)}"]))]
    return [json.loads(one.data or "")["choices"][0]["delta"] for one in [*told, *restorer.close()]][:-1]


def call(arguments: str, **more: Any) -> dict[str, Any]:
    return {"tool_calls": [{**more, "type": "function", "function": {"arguments": arguments}}]}


def arguments(told: list[dict[str, Any]]) -> list[tuple[Any, str]]:
    """The ids and arguments of calls, in order."""
    return [(one.get("id"), one["function"]["arguments"]) for delta in told for one in delta["tool_calls"]]


def test_whole_calls_without_a_number_stay_whole() -> None:
    first, second = f'{{"to": "{NAME_CODE}", "n": {{"x": 1}}}}', f'{{"to": "{ADDRESS_CODE}"}}'
    told = arguments(received(call(first, id="1"), call(second, id="2")))
    assert [(named, json.loads(text)) for named, text in told] == [
        ("1", {"to": NAME, "n": {"x": 1}}),
        ("2", {"to": ADDRESS}),
    ]


@pytest.mark.parametrize("number", [{}, {"index": None}])
def test_calls_in_pieces_are_told_apart_by_their_ids(number: dict[str, Any]) -> None:
    begins, ends = f'{{"to": "{HALF}', f'{REST}", "n": {{"x": 1}}}}'
    whole = {"to": NAME, "n": {"x": 1}}
    mixed = received(*(call(piece, id=named, **number) for piece in (begins, ends) for named in "12"))
    texts = [text for _, text in arguments(mixed)]
    assert [json.loads("".join(texts[place::2])) for place in (0, 1)] == [whole] * 2
    following = received(*(one for named in "12" for one in (call(begins, id=named, **number), call(ends, **number))))
    texts = [text for _, text in arguments(following)]
    assert [json.loads("".join(texts[place : place + 2])) for place in (0, 2)] == [whole] * 2


def test_calls_with_a_number_go_on_by_it() -> None:
    pieces = f'{{"to": "{HALF}', f'{REST}"}}'
    told = received(
        call(pieces[0], index=0, id="1"), call(pieces[0], index=1, id="2"), *(call(pieces[1], index=n) for n in (0, 1))
    )
    texts = [text for _, text in arguments(told)]
    assert [json.loads("".join(texts[n::2])) for n in (0, 1)] == [{"to": NAME}] * 2


def test_the_rest_of_a_call_that_breaks_off_has_its_number_or_id() -> None:
    for named in ({"index": 3, "id": "1"}, {"id": "1"}):
        _, last = received(call(f'{{"to": "{HALF}', **named))
        (rest,) = last["tool_calls"]
        assert rest["function"] == {"arguments": HALF}
        assert {name: rest.get(name) for name in ("index", "id")} in (
            {"index": 3, "id": None},
            {"index": None, "id": "1"},
        )


@pytest.mark.parametrize(
    "delta",
    [
        lambda text: {"content": [{"type": "text", "text": text}]},
        lambda text: {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]},
        lambda text: {"content": [{"type": "thinking", "thinking": text}]},
        lambda text: {"reasoning_details": [{"type": "reasoning.text", "text": text, "index": 0}]},
        lambda text: {"reasoning_details": [{"type": "reasoning.summary", "summary": text}]},
        lambda text: {"audio": {"transcript": text}},
        lambda text: {"reasoning": text, "reasoning_details": [{"type": "reasoning.text", "text": text}]},
    ],
)
def test_stand_ins_that_are_cut_come_back_wherever_text_stands(delta: Any) -> None:
    assert received(delta(f"给{HALF}"), delta(f"{REST}写信")) == [delta("给"), delta(f"{NAME}写信")]
    _, *rest = received(delta(f"给{HALF}"))
    assert {name: value for one in rest for name, value in one.items()} == delta(HALF)


def test_parts_of_one_kind_go_on_in_the_next_and_others_do_not() -> None:
    parts = [{"type": "text", "text": "给"}, {"type": "text", "text": HALF}], [{"type": "text", "text": REST}]
    told = received(*({"content": one} for one in parts))
    assert [part["text"] for delta in told for part in delta["content"]] == ["给", "", NAME]
    details = [{"index": number, "type": "reasoning.text", "text": text} for text in (HALF, REST) for number in (0, 1)]
    told = received(*({"reasoning_details": [one]} for one in details))
    assert [one["reasoning_details"][0]["text"] for one in told] == ["", "", NAME, NAME]
