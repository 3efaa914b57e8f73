"""Tiny data for the LLM's training. One thread is fastest for models of this size, and keeps results the same."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from pii_sft.cli import main
from pii_sft.scoring import make_scorer
from schemas.checkpoint.tiny import tiny_base
from schemas.spans.entity import Document, Entity, Example
from schemas.spans.record import write_records
from schemas.taxonomy import DEFAULT_TYPES
from schemas.taxonomy import EntityType as T
from training.llm.recipe import load_recipe
from training.llm.run import train

torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that tests start

TEXTS = [
    ("我叫张三，电话13800138000。", [("张三", T.PERSON_NAME), ("13800138000", T.PHONE_NUMBER)]),
    ("李四住在杭州市西湖区文三路5号。", [("李四", T.PERSON_NAME), ("杭州市西湖区文三路5号", T.ADDRESS)]),
    ("今天天气很好。", []),
    ("邮箱是a@b.cn，密码x1y2。", [("a@b.cn", T.EMAIL), ("x1y2", T.PASSWORD)]),
    ("王五的微信wx_88，QQ是10001。", [("王五", T.PERSON_NAME), ("wx_88", T.WECHAT_ID), ("10001", T.QQ_NUMBER)]),
    ("车牌粤B12345停在门口。", [("粤B12345", T.LICENSE_PLATE)]),
    ("订单号20240101，请查收。", []),
    ("ip 10.0.0.1，用户root。", [("10.0.0.1", T.IP_ADDRESS), ("root", T.USERNAME)]),
]


def make_example(number: int, text: str, values: Sequence[tuple[str, T]]) -> Example:
    entities = tuple(Entity(text.index(value), text.index(value) + len(value), kind) for value, kind in values)
    return Example(Document(f"row-{number}", text), entities, "test", annotated=DEFAULT_TYPES)


@pytest.fixture(scope="session")
def base() -> Path:
    """A tiny random Qwen2 with its tokenizer."""
    return tiny_base()


@pytest.fixture(scope="session")
def examples() -> list[Example]:
    return [make_example(number, text, values) for number, (text, values) in enumerate(TEXTS)]


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory, examples: list[Example]) -> Path:
    """A dataset folder whose validation rows are its training rows."""
    folder = tmp_path_factory.mktemp("data")
    for split in ("train", "validation"):
        write_records(folder / f"{split}.jsonl", examples)
    turns = "".join(
        f'{{"instruction": "你好{number}", "input": "", "output": "好的{number}"}}\n' for number in range(8)
    )
    (folder / "general.jsonl").write_text(turns, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def adapter(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter that has learned the examples."""
    out = tmp_path_factory.mktemp("adapter")
    settings = [f"data={data}", "optimisation.steps=60", "evaluation.every=60", "save_every=60", "report=[]"]
    assert train(load_recipe("smoke", settings), out, make_scorer)
    return out


@pytest.fixture(scope="session")
def merged(adapter: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That adapter merged into its base, with a GGUF file beside it."""
    out = tmp_path_factory.mktemp("export") / "merged"
    assert main(["export", str(adapter), str(out), "--gguf", "f32"]) == 0
    return out
