import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from schemas.checkpoint.tiny import tiny_base
from schemas.errors import ModelError
from schemas.llm.codec import encode_answer
from schemas.llm.prompt import dialogue, question, training_example
from schemas.spans.entity import Example
from tests.strategies import examples, texts

ADDED = {
    "Qwen2": ["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
    "Qwen2.5": [
        "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>", "<|quad_end|>",
        "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>", "<tool_call>",
        "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>",
        "<|file_sep|>",
    ],
    "Qwen3": ["<tool_response>", "</tool_response>", "<think>", "</think>"],
}  # fmt: skip
"""The tokens that each family adds to those of the one before."""
_TOKENS = [token for tokens in ADDED.values() for token in tokens]


def family() -> Tokenizer:
    """A tokenizer with the added tokens of all families, as special as there."""
    tokenizer = Tokenizer.from_file(str(tiny_base() / "tokenizer.json"))
    special = [token for token in _TOKENS if token.startswith("<|") and "fim" not in token]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    others = [token for token in _TOKENS if token not in special]
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in others])
    return tokenizer


CHAT = ChatTokenizer(Tokenizer.from_file(str(tiny_base() / "tokenizer.json")), "tiny")
slow = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)


@given(st.text(max_size=60))
@slow
def test_text_comes_back_as_it_was(text: str) -> None:
    assert CHAT.decode(CHAT.encode(text)) == text


_ADDED_IDS = set(family().get_added_tokens_decoder())


@pytest.fixture(scope="module")
def chat() -> ChatTokenizer:
    return ChatTokenizer(family(), "family")


@given(st.lists(st.sampled_from(_TOKENS) | st.text(max_size=5), min_size=1, max_size=4).map("".join))
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], deadline=None)
def test_text_never_becomes_an_added_token(chat: ChatTokenizer, text: str) -> None:
    ids = chat.encode(text)
    assert chat.decode(ids) == text
    assert not set(ids) & _ADDED_IDS


@pytest.mark.parametrize("token", _TOKENS)
def test_each_added_token_is_text(chat: ChatTokenizer, token: str) -> None:
    tokenizer = family()
    assert tokenizer.encode(token, add_special_tokens=False).ids == [tokenizer.token_to_id(token)]
    assert chat.decode(chat.encode(token)) == token and len(chat.encode(token)) > 1


def test_the_tokenizer_stays_as_it_was() -> None:
    tokenizer = family()
    before = tokenizer.to_str()
    ChatTokenizer(tokenizer, "family")
    assert tokenizer.to_str() == before and not tokenizer.encode_special_tokens


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
