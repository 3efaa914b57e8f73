import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.checkpoint.tiny import tiny_base
from schemas.errors import ModelError
from schemas.llm.codec import encode_answer
from schemas.llm.prompt import dialogue, question, training_example
from schemas.spans.entity import Example
from tests.strategies import examples, texts

CHAT = ChatTokenizer(Tokenizer.from_file(str(tiny_base() / "tokenizer.json")), "tiny")
slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@given(st.text(max_size=60))
@slow
def test_text_comes_back_as_it_was(text: str) -> None:
    assert CHAT.decode(CHAT.encode(text)) == text


def test_nothing_is_normalised() -> None:
    assert CHAT.decode(CHAT.encode("e\u0301")) == "e\u0301"  # NFC would write one character


@given(examples(min_annotated=1), st.data())
@slow
def test_an_example_is_the_question_and_the_answer(example: Example, data: st.DataObject) -> None:
    types = data.draw(st.lists(st.sampled_from(example.annotated), min_size=1, unique=True))
    tokens = CHAT.example(training_example(example, types))
    prompt = CHAT.prompt(question(example.document.text, types))
    assert tokens.ids[: len(prompt)] == prompt
    assert tokens.loss == [False] * len(prompt) + [True] * (len(tokens.ids) - len(prompt))
    answer = encode_answer(example.document.text, [entity for entity in example.entities if entity.type in types])
    assert CHAT.decode(tokens.ids[len(prompt) :]) == f"{answer}<|im_end|>"
    assert not any(decision and not free for decision, free in zip(tokens.decisions, tokens.free, strict=True))
    assert not any(free and not loss for free, loss in zip(tokens.free, tokens.loss, strict=True))
    assert sum(tokens.decisions) >= 1 and not tokens.decisions[-1]


@given(texts, texts)
@slow
def test_dialogue_has_loss_on_the_reply(turn: str, reply: str) -> None:
    tokens = CHAT.dialogue(dialogue(turn, reply))
    taught = [token for token, loss in zip(tokens.ids, tokens.loss, strict=True) if loss]
    assert CHAT.decode(taught) == f"{reply}<|im_end|>"
    assert tokens.free == tokens.loss and not any(tokens.decisions)


def test_ids_stay_out_of_repr() -> None:
    tokens = CHAT.dialogue(dialogue("a", "b"))
    assert str(tokens.ids[1]) + "," not in repr(tokens)


def test_other_tokenizers_are_refused() -> None:
    with pytest.raises(ModelError, match=r"some: the tokenizer has no <\|im_start\|>"):
        ChatTokenizer(Tokenizer(models.BPE()), "some")
    lossy = Tokenizer(models.WordLevel({"<|im_start|>": 0, "<|im_end|>": 1, "?": 2}, unk_token="?"))
    lossy.pre_tokenizer = pre_tokenizers.Whitespace()
    with pytest.raises(ModelError, match="does not give text back"):
        ChatTokenizer(lossy, "some")
