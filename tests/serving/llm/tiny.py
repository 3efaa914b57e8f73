"""A tiny base for the tests of the engine."""

import torch

from schemas.chat_tokenizer import ChatTokenizer
from serving.llm.torch_model import TorchModel
from serving.llm.vocabulary import Vocabulary
from training.llm.base import load_model, open_base
from training.llm.recipe import Base

LOADED = open_base(Base(model="tiny-random-qwen2", dtype="float32"))
CHAT: ChatTokenizer = LOADED.chat
VOCABULARY = Vocabulary(CHAT.pieces(), CHAT.end)


def tiny_model(rows: int = 8) -> TorchModel:
    torch.set_num_threads(1)
    return TorchModel(load_model(LOADED, trained_whole=False).eval(), rows)
