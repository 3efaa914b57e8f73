"""Engines as systems: their identity, how free answers are read, prices, perplexities, random weights."""

import json
import shutil
from pathlib import Path

import pytest
from peft import LoraConfig, get_peft_model

from pii_sft.systems import load_system
from schemas.checkpoint.adapter import AdapterManifest
from schemas.checkpoint.base import Base, load_weights, open_base
from schemas.errors import ModelError
from schemas.taxonomy import EntityType as T
from serving.engines.tagger.engine import EMBEDDED
from tests.eval.samples import TYPES

TINY = "tiny-random-qwen2"


def test_a_server_with_prices_has_a_price() -> None:
    assert load_system("openai:http://s/v1#m?output-price=2").price == (0.0, 2.0)
    assert load_system("openai:http://s/v1#m").price is None


def test_rules_and_tagger_find_and_are_told_apart(tmp_path: Path) -> None:
    rules, tagger, alone = (load_system(spec) for spec in ("rules", "tagger?threads=1", "tagger?no-rules"))
    text = "我叫张三，电话13800138000"
    found = [
        {str(entity.type) for entity in one.candidate.reply([text], TYPES)[0].prediction.entities}
        for one in (rules, tagger)
    ]
    assert found == [{"PHONE_NUMBER"}, {"PERSON_NAME", "PHONE_NUMBER"}]
    assert rules.identity != tagger.identity == alone.identity
    copy = tmp_path / "copy"
    shutil.copytree(EMBEDDED, copy)
    assert load_system(f"tagger:{copy}").identity == tagger.identity  # whatever the time of the files
    assert "1 CPU" in tagger.description


@pytest.mark.parametrize(
    ("options", "described"),
    [("", "unconstrained"), ("?schema&few-shot", "JSON Schema, three examples"), ("?grounded", "grounded")],
)
def test_zero_shot_answers_are_read_as_they_are(options: str, described: str) -> None:
    loaded = load_system(f"zero-shot:{TINY}{options}")
    replies = loaded.candidate.reply(["我叫张三", "电话13800138000", "好"] * 3, [T.PERSON_NAME])
    assert described in loaded.description and loaded.width > 1
    if "grounded" in options:  # by the engine, whose answers cannot be malformed
        assert all(reply.answered is None for reply in replies)
        return
    answered = [reply.answered for reply in replies if reply.answered]
    assert len(answered) == 9 and all(row.written > 0 and row.read > 20 for row in answered)
    if not options:
        assert not any(row.valid for row in answered)  # a random model writes no JSON


def test_an_adapter_is_served_and_its_perplexity_measured(tmp_path: Path) -> None:
    opened = open_base(Base(TINY, dtype="float32"))
    adapted = get_peft_model(load_weights(opened), LoraConfig(target_modules=["q_proj"]))
    adapted.save_pretrained(tmp_path)
    AdapterManifest(opened.base, adapter=True).write(tmp_path)
    for target in (f"llm:{tmp_path}", f"llm:{TINY}+{tmp_path}"):
        loaded = load_system(target)
        assert loaded.perplexities is not None
        found = loaded.perplexities(["你好，今天天气很好。"])
        assert found["zh"]["before"] == found["zh"]["after"] > 1
    assert load_system(f"llm:{TINY}").perplexities is None


def test_random_weights_take_time_and_find_nothing(tmp_path: Path) -> None:
    config = {
        "model_type": "qwen3", "hidden_size": 32, "head_dim": 8, "intermediate_size": 32, "num_hidden_layers": 1,
        "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 64, "eos_token_id": 3,
    }  # fmt: skip
    (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    loaded = load_system(f"random:{tmp_path}?prompt=20&answer=5")
    assert loaded.random and "20 tokens read and 5 written" in loaded.description
    assert [reply.prediction.entities for reply in loaded.candidate.reply(["张三", "李四"], TYPES)] == [(), ()]


@pytest.mark.parametrize(
    "content", ["{", "{}", '{"model_type": "none"}', '{"model_type": "qwen3", "hidden_size": "x"}']
)
def test_a_configuration_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=str(tmp_path)):
        load_system(f"random:{tmp_path}")


def test_the_configuration_of_the_8b_ships() -> None:
    from accelerate import init_empty_weights
    from transformers import AutoConfig, AutoModelForCausalLM

    path = Path(__file__).parents[2] / "serving" / "engines" / "llm" / "backends" / "configs" / "qwen3-8b.json"
    with init_empty_weights():
        model = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(path))
    assert sum(weight.numel() for weight in model.parameters()) == 8_190_735_360
