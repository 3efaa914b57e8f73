"""Batches: packed and padded ones give the same loss, which lies on the answer alone."""

import random

import pytest
import torch

from schemas.checkpoint.base import Base, load_weights, open_base
from schemas.checkpoint.chat_tokenizer import EncodedExample
from schemas.llm.codec import encode_answer
from schemas.llm.prompt import dialogue, preamble, training_example, usual_types
from schemas.spans.entity import Document, Example
from schemas.taxonomy import EntityType as T
from training.llm.batches import IGNORED, PlannedBatches, RowCollator, shared_tokens
from training.llm.plan import Draw
from training.llm.recipe import Loss
from training.llm.trainer import token_losses

OPENED = open_base(Base(model="tiny-random-qwen2"))
CHAT = OPENED.chat
PLAIN = Loss()


@pytest.fixture(scope="module")
def model() -> torch.nn.Module:
    return load_weights(OPENED.with_dtype("float32")).eval()


@pytest.fixture(scope="module")
def rows(examples: list[Example]) -> list[EncodedExample]:
    tokens = [CHAT.example(training_example(example, usual_types(example))) for example in examples]
    return [*tokens, CHAT.dialogue(dialogue("你好", "好的，再见"))]


def losses(model: torch.nn.Module, rows: list[EncodedExample], packing: bool, loss: Loss = PLAIN) -> torch.Tensor:
    with torch.no_grad():
        found, weights = token_losses(model, RowCollator(loss, packing, pad=0)(rows))
    return found * weights


@pytest.mark.parametrize("loss", [Loss(), Loss(forced=False, decision_weight=3.0)])
def test_packed_padded_and_single_rows_have_the_same_losses(
    model: torch.nn.Module, rows: list[EncodedExample], loss: Loss
) -> None:
    single = torch.cat([losses(model, [row], True, loss) for row in rows])
    assert len(single) > 100
    torch.testing.assert_close(losses(model, rows, True, loss), single, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(losses(model, rows, False, loss), single, atol=1e-5, rtol=1e-5)


def test_packed_and_padded_batches_have_the_same_gradient(rows: list[EncodedExample]) -> None:
    gradients = []
    for packing in (True, False):
        model = load_weights(OPENED.with_dtype("float32"))
        found, weights = token_losses(model, RowCollator(Loss(), packing, pad=0)(rows))
        (found * weights).sum().backward()
        gradients.append([parameter.grad for parameter in model.parameters()])
    for packed, padded in zip(*gradients, strict=True):
        torch.testing.assert_close(packed, padded, atol=1e-3, rtol=1e-4)


def test_packing_does_not_let_rows_see_one_another(model: torch.nn.Module, rows: list[EncodedExample]) -> None:
    shuffled = rows[1:]
    random.Random(1).shuffle(shuffled)
    length = sum(rows[0].loss)
    first, second = losses(model, rows, True)[:length], losses(model, [rows[0], *shuffled], True)[:length]
    torch.testing.assert_close(first, second, atol=1e-5, rtol=1e-5)


def test_a_packed_batch_has_the_question_of_its_rows_once(examples: list[Example]) -> None:
    rows = [CHAT.example(training_example(example, (T.PERSON_NAME,))) for example in examples[:2]]
    shared = len(CHAT.prompt(preamble([T.PERSON_NAME])))
    assert shared_tokens(rows) >= shared
    tokens = RowCollator(PLAIN, packing=True, pad=0)(rows)["input_ids"].numel()
    assert tokens == sum(len(row.ids) for row in rows) - shared_tokens(rows)


def test_equal_rows_share_nothing_that_is_taught(model: torch.nn.Module, rows: list[EncodedExample]) -> None:
    twice, once = losses(model, [rows[0]] * 2, True), losses(model, rows[:1], True)
    torch.testing.assert_close(twice, torch.cat([once, once]), atol=1e-5, rtol=1e-5)


def test_the_losses_are_those_of_the_model_itself(model: torch.nn.Module, rows: list[EncodedExample]) -> None:
    ids = torch.tensor([rows[0].ids])
    labels = torch.tensor([[token if loss else IGNORED for token, loss in zip(rows[0].ids, rows[0].loss, strict=True)]])
    with torch.no_grad():
        expected = model(input_ids=ids, labels=labels).loss
    torch.testing.assert_close(losses(model, rows[:1], True).mean(), expected, atol=1e-5, rtol=1e-5)


def taught(row: EncodedExample, loss: Loss) -> str:
    labels = RowCollator(loss, packing=True, pad=0)([row])["labels"][0]
    return CHAT.decode([int(label) for label in labels if label != IGNORED])


def test_the_loss_lies_on_the_answer_and_its_end(examples: list[Example], rows: list[EncodedExample]) -> None:
    for example, row in zip(examples, rows, strict=False):
        assert taught(row, Loss()) == encode_answer(example.document.text, example.entities) + "<|im_end|>"


def test_forced_tokens_can_be_left_out(rows: list[EncodedExample]) -> None:
    shown = taught(rows[0], Loss(forced=False))
    for part in ("PERSON", "张三", "13800138000", "]}", "<|im_end|>"):
        assert part in shown
    assert "value" not in shown and "entities" not in shown
    assert taught(rows[-1], Loss(forced=False)) == taught(rows[-1], Loss())


def test_decisions_are_where_the_list_goes_on_or_ends(rows: list[EncodedExample]) -> None:
    batch = RowCollator(Loss(decision_weight=5.0), packing=True, pad=0)([rows[0]])
    marked = CHAT.decode(
        [int(token) for token, weight in zip(batch["input_ids"][0], batch["weights"][0], strict=True) if weight == 5]
    )
    assert marked.startswith('":[{') and marked.endswith("]}") and marked.count('"}') == 2
    assert set(batch["weights"][0].tolist()) == {1.0, 5.0}


def test_an_empty_answer_has_one_decision() -> None:
    pieces = training_example(Example(Document("x", "好"), (), "test"), [T.PERSON_NAME])
    row = CHAT.example(pieces)
    marked = [token for token, decision in zip(row.ids, row.decisions, strict=True) if decision]
    assert CHAT.decode(marked).endswith("[]}") or CHAT.decode(marked).endswith("[]")


def test_planned_batches_ask_about_the_drawn_types(examples: list[Example]) -> None:
    plan = [[Draw(0, (T.PHONE_NUMBER,)), Draw(2, (T.PERSON_NAME, T.EMAIL))]]
    batches = PlannedBatches(examples, plan, CHAT, RowCollator(Loss(), packing=True, pad=0))
    text = CHAT.decode(batches[0]["input_ids"][0].tolist())
    assert '[{"type":"PHONE_NUMBER","value":"13800138000"}]' in text and "PERSON_NAME（姓名）、EMAIL" in text
    assert batches[0]["position_ids"][0].tolist().count(0) == 1
    assert batches.ids(0) == ["row-0", "row-2"]
