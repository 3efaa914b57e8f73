"""The grammar against the codec: what the codec can write is accepted, whichever way it is tokenised, and no more."""

import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.llm.align import align
from schemas.llm.codec import decode_answer, encode_answer
from schemas.spans.entity import Example
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.taxonomy import EntityType as T
from serving.engines.llm.constraint.constraint import Constraint
from serving.engines.llm.constraint.grammar import Grammar
from serving.engines.llm.constraint.syntax import Syntax
from tests.serving.engines.llm.tiny import CHAT, VOCABULARY
from tests.strategies import examples

odd_texts = st.text(st.sampled_from('张三a1 "\\\n\x01\x7f😀𠮷é}]{,:'), max_size=40) | st.text(max_size=40)
some_types = st.lists(st.sampled_from(ALL_TYPES), min_size=1, max_size=4, unique=True).map(tuple)
slow = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def grammar(text: str, types: tuple[EntityType, ...], spans: object = None) -> Grammar:
    return Grammar(Syntax(VOCABULARY, types), text, spans)  # type: ignore[arg-type]


def follow(constraint: Constraint | None, pieces: list[bytes]) -> Constraint | None:
    for piece in pieces:
        constraint = constraint.advance(piece) if constraint else None
    return constraint


def accepted(text: str, types: tuple[EntityType, ...], answer: str) -> bool:
    constraint = follow(grammar(text, types).start, [VOCABULARY.token_bytes[token] for token in CHAT.encode(answer)])
    return constraint is not None and constraint.done


@given(examples())
@slow
def test_every_answer_of_the_codec_is_accepted(example: Example) -> None:
    text = example.document.text
    types = tuple({entity.type for entity in example.entities}) or (T.EMAIL,)
    answer = encode_answer(text, example.entities)
    constraint: Constraint | None = grammar(text, types).start
    for token in CHAT.encode(answer):
        assert constraint is not None
        allowed = constraint.allowed()
        assert allowed is not None and token in allowed
        constraint = constraint.advance(VOCABULARY.token_bytes[token])
    assert constraint is not None and constraint.done
    bytewise = follow(grammar(text, types).start, [bytes([byte]) for byte in answer.encode()])
    assert bytewise is not None and bytewise.done


@given(examples(), st.data())
@slow
def test_mutated_answers_are_refused(example: Example, data: st.DataObject) -> None:
    text = example.document.text
    answer = encode_answer(text, example.entities)
    at = data.draw(st.integers(0, len(answer) - 1))
    char = data.draw(st.characters(codec="utf-8", exclude_categories=("Cs",)))
    mutated = answer[:at] + char + answer[at + data.draw(st.integers(0, 1)) :]
    if accepted(text, ALL_TYPES, mutated):
        grounded = align(text, decode_answer(mutated))
        assert not grounded.ungrounded
        assert json.dumps(json.loads(mutated), ensure_ascii=False, separators=(",", ":")) == mutated


@pytest.mark.parametrize(
    "answer",
    [
        '{"entities":[{"type":"EMAIL","value":""}]}',
        '{"entities":[{"type":"EMAIL","value":"王五"}]}',
        '{"entities":[{"type":"PHONE_NUMBER","value":"张三"}]}',
        '{"entities": []}',
        '{"entities":[{"value":"张三","type":"EMAIL"}]}',
        '{"entities":[{"type":"EMAIL","value":"\\u5f20"}]}',
        '{"entities":[]} ',
        '{"entities":[{"type":"EMAIL","value":"张三"},{"type":"PERSON_NAME","value":"张"}]}',
    ],
)
def test_what_the_codec_never_writes_is_refused(answer: str) -> None:
    assert not accepted("我叫张三", (T.EMAIL, T.PERSON_NAME), answer)


def test_where_repeated_mentions_stand() -> None:
    """At the first occurrence behind the value before, else at the first free one; never twice in one place."""
    types = (T.PERSON_NAME,)
    zhang, li = (f'{{"type":"PERSON_NAME","value":"{name}"}}' for name in ("张三", "李四"))
    for text, items, starts in [
        ("张三，李四，张三", [zhang, li, zhang], [0, 3, 6]),
        ("张三，李四，张三", [li, zhang, zhang], [3, 6, 0]),
        ("张三，李四", [li, zhang], [3, 0]),
    ]:
        answer = f'{{"entities":[{",".join(items)}]}}'
        assert accepted(text, types, answer)
        grounded = align(text, decode_answer(answer))
        placed = dict(zip(grounded.order, grounded.entities, strict=True))
        assert [placed[number].start for number in range(len(items))] == starts
    assert not accepted("张三，李四", types, f'{{"entities":[{zhang},{li},{zhang}]}}')


@given(odd_texts, some_types, st.integers(0, 2**32), st.booleans())
@slow
def test_any_walk_ends_in_an_answer_of_the_codec(
    text: str, types: tuple[EntityType, ...], seed: int, limited: bool
) -> None:
    """At every point exactly the tokens that `advance` takes are allowed, and there is one until the end."""
    choose = random.Random(seed)
    places = range(0, len(text) - 1, 3)
    spans = {types[0]: [(at, min(at + size, len(text))) for at in places for size in (2, 5)]} if limited else None
    constraint: Constraint | None = grammar(text, types, spans).start
    written = b""
    while constraint is not None and not constraint.done:
        allowed = constraint.allowed()
        assert allowed is not None
        writable = [token for token, piece in VOCABULARY.token_bytes.items() if constraint.advance(piece) is not None]
        assert allowed.tolist() == sorted(writable) and writable
        token = choose.choice(writable)
        written += VOCABULARY.token_bytes[token]
        constraint = constraint.advance(VOCABULARY.token_bytes[token])
    answer = written.decode()
    grounded = align(text, decode_answer(answer))
    assert not grounded.ungrounded
    assert len(grounded.entities) == len(decode_answer(answer))
    if grounded.order == tuple(sorted(grounded.order)):
        assert encode_answer(text, grounded.entities) == answer
    assert {entity.type for entity in grounded.entities} <= set(types)
    for entity in grounded.entities:
        if spans and entity.type is types[0]:
            assert text[entity.start : entity.end] in {text[start:end] for start, end in spans[types[0]]}


def test_a_value_never_grows_into_an_occupied_span() -> None:
    start = grammar("12345", (T.EMAIL, T.PERSON_NAME), {T.EMAIL: [(0, 2), (0, 5)]}).start
    written = '{"entities":[{"type":"PERSON_NAME","value":"45"},{"type":"EMAIL","value":"12'
    constraint = follow(start, [bytes([byte]) for byte in written.encode()])
    assert constraint is not None and constraint.advance(b"3") is None and constraint.advance(b'"') is not None


def test_a_type_without_a_span_is_left_out() -> None:
    start = grammar("张三", (T.EMAIL,), {T.EMAIL: []}).start
    assert follow(start, [b'{"entities":[{']) is None
    end = follow(start, [b'{"entities":[]}'])
    assert end is not None and end.done


@pytest.mark.parametrize(
    ("written", "piece", "leads"),
    [
        ('{"entities":[', b"{", 1),
        ('{"entities":[', b"]", -1),
        ("", b'{"entities', 0),
        ('{"entities":[{"type":"PERSON_NAME","value":"张三', b'"', 0),
        ('{"entities":[{"type":"PERSON_NAME","value":"张三', b'"}]', -1),
        ('{"entities":[{"type":"PERSON_NAME","value":"张三', b'"},', 1),
        ('{"entities":[{"type":"PERSON_NAME","value":"张', "三".encode(), 2),
    ],
)
def test_where_a_token_leads(written: str, piece: bytes, leads: int) -> None:
    start = grammar("我叫张三，他", (T.PERSON_NAME, T.EMAIL)).start
    constraint = follow(start, [bytes([byte]) for byte in written.encode()])
    assert constraint is not None and constraint.leads(piece) == leads


def test_reprs_hold_no_text() -> None:
    constraint = follow(grammar("张三", (T.EMAIL,)).start, ['{"entities":[{"type":"EMAIL","value":"张'.encode()])
    assert constraint is not None and "张" not in repr(constraint)
