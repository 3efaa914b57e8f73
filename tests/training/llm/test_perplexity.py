import math

import pytest
import torch
from peft import LoraConfig, get_peft_model

from schemas.checkpoint.base import Base, load_weights, open_base
from training.llm.perplexity import perplexities

TEXTS = ["你好，今天天气很好。", "The weather is fine.", "", "好" * 600]


def test_perplexity_before_and_after() -> None:
    opened = open_base(Base(model="tiny-random-qwen2", dtype="float32"))
    adapted = get_peft_model(load_weights(opened), LoraConfig(target_modules=["q_proj", "v_proj"])).eval()
    fresh = perplexities(adapted, opened.chat, TEXTS)
    assert list(fresh) == ["en", "zh"]
    for row in fresh.values():
        assert row["before"] == row["after"] > 1
    lengths = [min(len(opened.chat.encode(text)), 512) - 1 for text in TEXTS]
    assert (fresh["en"]["tokens"], fresh["zh"]["tokens"]) == (lengths[1], lengths[0] + lengths[3])
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight)
    changed = perplexities(adapted, opened.chat, TEXTS)
    assert changed["zh"]["before"] == fresh["zh"]["before"] and changed["zh"]["after"] != fresh["zh"]["after"]


def test_perplexity_is_the_exponential_of_the_mean_loss() -> None:
    opened = open_base(Base(model="tiny-random-qwen2", dtype="float32"))
    adapted = get_peft_model(load_weights(opened), LoraConfig(target_modules=["q_proj"])).eval()
    ids = torch.tensor([opened.chat.encode(TEXTS[0])])
    with torch.inference_mode():
        loss = float(adapted(input_ids=ids, labels=ids).loss)
    assert perplexities(adapted, opened.chat, TEXTS[:1])["zh"]["after"] == pytest.approx(math.exp(loss), rel=1e-4)
