"""What `pii-sft export` writes is the trained model."""

from pathlib import Path
from typing import Any

import gguf
import pytest
import torch
from transformers import AutoModelForCausalLM

from pii_sft.cli import main
from pii_sft.llm import load_llm, make_scorer
from schemas.errors import ModelError
from schemas.spans.entity import Example
from serving.engines.llm import LlmEngine
from serving.engines.llm.backends.torch_backend import TorchBackend
from training.llm.base import open_base
from training.llm.gguf_file import write_gguf
from training.llm.merge import greedy_answers, merge
from training.llm.recipe import Base, load_recipe
from training.llm.run import train


@pytest.fixture(scope="module")
def adapter(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("adapter")
    settings = [f"data={data}", "optimisation.steps=60", "evaluation.every=60", "save_every=60", "report=[]"]
    assert train(load_recipe("smoke", settings), out, make_scorer)
    return out


@pytest.fixture(scope="module")
def merged(adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("export") / "merged"
    assert main(["export", str(adapter), str(out), "--gguf", "f32"]) == 0
    return out


def weights(detector: LlmEngine) -> Any:
    assert isinstance(detector.model, TorchBackend)
    return detector.model.model


def test_the_merged_model_writes_what_the_unmerged_one_writes(adapter: Path, merged: Path) -> None:
    unmerged, alone = load_llm(None, adapter, runtime="torch"), load_llm(str(merged), dtype="float32")
    chat = open_base(Base(model="tiny-random-qwen2")).chat
    answers = greedy_answers(weights(alone), chat)
    assert answers == greedy_answers(weights(unmerged), chat)
    assert answers != greedy_answers(weights(load_llm("tiny-random-qwen2", dtype="float32")), chat)


def test_the_merged_model_detects_the_same(adapter: Path, merged: Path, examples: list[Example]) -> None:
    texts = [example.document.text for example in examples]
    unmerged = load_llm(None, adapter, runtime="torch").detect(texts)
    for model in (merged, merged / "model-f32.gguf"):
        found = load_llm(str(model), dtype="float32").detect(texts)
        assert [prediction.entities for prediction in found] == [prediction.entities for prediction in unmerged]
    assert any(prediction.entities for prediction in unmerged)


@pytest.mark.parametrize(("kind", "error"), [("f16", 1e-3), ("bf16", 1e-2), ("q8_0", 2e-2)])
def test_gguf_files_hold_every_tensor(merged: Path, kind: str, error: float) -> None:
    reader = gguf.GGUFReader(write_gguf(merged, kind))
    state = AutoModelForCausalLM.from_pretrained(merged).state_dict()
    assert len(reader.tensors) == len(state)
    stored = {
        tensor.name: torch.from_numpy(gguf.quants.dequantize(tensor.data, tensor.tensor_type).copy())
        for tensor in reader.tensors
    }
    for ours, theirs in (
        ("model.embed_tokens.weight", "token_embd.weight"),
        ("model.layers.1.mlp.down_proj.weight", "blk.1.ffn_down.weight"),
    ):
        largest = state[ours].abs().max()
        assert (stored[theirs] - state[ours]).abs().max() < error * largest


def test_the_modelfile_asks_the_contract_s_question(merged: Path) -> None:
    text = (merged / "Modelfile").read_text(encoding="utf-8")
    assert text.startswith("FROM ./model-") and "PERSON_NAME（姓名）" in text
    assert "<|im_start|>user\n{{ .Prompt }}<|im_end|>\n<|im_start|>assistant\n" in text


def test_what_cannot_be_exported_is_said(adapter: Path, merged: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="exists; choose another folder"):
        merge(adapter, merged)
    with pytest.raises(ModelError, match="is a whole model, not an adapter"):
        merge(merged, tmp_path / "again")
    with pytest.raises(ModelError, match="no readable adapter manifest"):
        merge(tmp_path, tmp_path / "out")
    with pytest.raises(ModelError, match="int4: not one of"):
        write_gguf(merged, "int4")
