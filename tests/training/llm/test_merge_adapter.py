"""What `pii-sft export` writes is the trained model."""

from pathlib import Path

import pytest

from schemas.checkpoint.base import TINY, Base, open_base
from schemas.errors import ModelError
from schemas.llm.prompt import messages, question
from schemas.spans.entity import Example
from schemas.taxonomy import DEFAULT_TYPES
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.engine import LlmEngine
from serving.engines.llm.load import load_llm
from training.llm.merge_adapter import greedy_answers, merge_adapter


def greedy(engine: LlmEngine) -> list[list[int]]:
    assert isinstance(engine.backend, TorchBackend)
    with engine.backend.using():
        return greedy_answers(engine.backend.model, open_base(Base(TINY)).chat)


def test_the_merged_model_writes_what_the_unmerged_one_writes(adapter: Path, merged: Path) -> None:
    unmerged, alone = load_llm(None, adapter, runtime="torch"), load_llm(str(merged), dtype="float32")
    answers = greedy(alone)
    assert answers == greedy(unmerged)
    assert answers != greedy(load_llm(TINY, dtype="float32"))


def test_the_merged_model_detects_the_same(adapter: Path, merged: Path, examples: list[Example]) -> None:
    texts = [example.document.text for example in examples]
    unmerged = load_llm(None, adapter, runtime="torch").detect(texts)
    for model in (merged, merged / "model-f32.gguf"):
        predictions = load_llm(str(model), dtype="float32").detect(texts)
        assert [prediction.entities for prediction in predictions] == [prediction.entities for prediction in unmerged]
    assert any(prediction.entities for prediction in unmerged)


def test_the_merged_model_asks_our_question_by_its_chat_template(merged: Path) -> None:
    opened = open_base(Base(str(merged)))
    ids = opened.tokenizer.apply_chat_template(
        messages("张三", DEFAULT_TYPES), add_generation_prompt=True, return_dict=False
    )
    assert ids == opened.chat.prompt(question("张三", DEFAULT_TYPES))


def test_what_cannot_be_merged_is_said(adapter: Path, merged: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="exists; choose another folder"):
        merge_adapter(adapter, merged)
    with pytest.raises(ModelError, match="is a whole model, not an adapter"):
        merge_adapter(merged, tmp_path / "again")
    with pytest.raises(ModelError, match="no readable adapter manifest"):
        merge_adapter(tmp_path, tmp_path / "out")
