"""The grammar for servers, judged by llguidance itself: what the codec can write is accepted, and nothing invented."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer, grammar_from

from schemas.llm.codec import encode_answer
from schemas.spans.entity import Entity, Example
from schemas.taxonomy import ALL_TYPES, EntityType
from schemas.taxonomy import EntityType as T
from serving.engines.llm.constraint.lark import lark
from tests.serving.engines.llm.tiny import CHAT
from tests.strategies import examples

TOKENIZER = LLTokenizer(CHAT.to_json(), eos_token=CHAT.end)
slow = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def accepted(text: str, types: tuple[EntityType, ...], answer: str) -> bool:
    """Whether the grammar is well-formed and takes the whole of `answer`, in the tokens that the tokenizer makes."""
    matcher = LLMatcher(TOKENIZER, grammar_from("grammar", lark(text, types)))
    assert not matcher.is_error(), matcher.get_error()
    tokens = CHAT.encode(answer)
    return bool(matcher.try_consume_tokens(tokens) == len(tokens) and matcher.is_accepting())


@given(examples())
@slow
def test_every_answer_of_the_codec_is_accepted(example: Example) -> None:
    text = example.document.text
    if text:
        types = tuple({entity.type for entity in example.entities}) or (T.EMAIL,)
        assert accepted(text, types, encode_answer(text, example.entities))


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=5), st.sampled_from(ALL_TYPES))
@slow
def test_a_value_is_accepted_when_it_is_in_the_text(text: str, value: str, kind: EntityType) -> None:
    answer = encode_answer(value, [Entity(0, len(value), kind)])
    assert accepted(text, (kind,), answer) == (value in text)


@pytest.mark.parametrize(
    "answer",
    [
        '{"entities":[{"type":"EMAIL","value":""}]}',
        '{"entities":[{"type":"PHONE_NUMBER","value":"张三"}]}',
        '{"entities": []}',
        '{"entities":[{"value":"张三","type":"EMAIL"}]}',
        '{"entities":[{"type":"EMAIL","value":"\\u5f20"}]}',
        '{"entities":[{"type":"EMAIL","value":"张三"}]} ',
        '{"entities":[' + ",".join(['{"type":"EMAIL","value":"张"}'] * 5) + "]}",
    ],
)
def test_anything_else_is_refused(answer: str) -> None:
    assert not accepted("叫张三", (T.EMAIL, T.PERSON_NAME), answer)


def test_it_cannot_forbid_that_characters_are_used_twice() -> None:
    item = '{"type":"EMAIL","value":"张三"}'
    assert accepted("叫张三", (T.EMAIL,), f'{{"entities":[{item},{item}]}}')


def test_sglang_reads_it_as_it_is() -> None:
    grammar = lark("我叫张三", (T.PERSON_NAME,))
    assert grammar_from("ebnf", grammar) == grammar_from("grammar", grammar) == LLMatcher.grammar_from_lark(grammar)
