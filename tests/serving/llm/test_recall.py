import torch

from serving.llm.recall import decision_tokens, shift_odds
from training.llm.base import open_base
from training.llm.recipe import Base

CHAT = open_base(Base(model="tiny-random-qwen2")).chat
PAIRS = decision_tokens(CHAT)


def test_the_decisions_are_the_tokens_that_differ() -> None:
    (first, empty), (another, last) = PAIRS
    assert CHAT.decode([first]).endswith("{") or CHAT.decode([first]).endswith('{"')
    assert "{" not in CHAT.decode([empty]) and "{" not in CHAT.decode([last])
    assert "," in CHAT.decode([another])


def test_odds_shift_and_no_other_token_gains() -> None:
    torch.manual_seed(0)
    logits = torch.randn(3, 1200)
    before, after = logits.softmax(1), shift_odds(logits, PAIRS, 1.5).softmax(1)
    for more, end in PAIRS:
        assert torch.allclose(
            (after[:, more] / after[:, end]).log(), (before[:, more] / before[:, end]).log() + 1.5, atol=1e-4
        )
        assert torch.allclose(after[:, more] + after[:, end], before[:, more] + before[:, end], atol=1e-6)
    others = [token for token in range(1200) if token not in {token for pair in PAIRS for token in pair}]
    assert torch.allclose(after[:, others], before[:, others], atol=1e-6)


def test_a_token_that_is_not_allowed_stays_so() -> None:
    (more, end), *_ = PAIRS
    logits = torch.zeros(1, 1200)
    logits[0, more] = float("-inf")
    shifted = shift_odds(logits, PAIRS, 5.0)
    assert shifted[0, more] == float("-inf") and shifted[0, end] == 0
