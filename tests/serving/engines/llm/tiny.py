"""A tiny base for the tests of the engine."""

import torch

from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.constraint.vocabulary import Vocabulary
from training.llm.base import load_model, open_base
from training.llm.recipe import Base

LOADED = open_base(Base(model="tiny-random-qwen2", dtype="float32"))
CHAT: ChatTokenizer = LOADED.chat
VOCABULARY = Vocabulary(CHAT.pieces(), CHAT.end)


def tiny_model(rows: int = 8) -> TorchBackend:
    torch.set_num_threads(1)
    return TorchBackend(load_model(LOADED, trained_whole=False).eval(), rows)
