"""A tiny base for the tests of the engine."""

import torch

from schemas.checkpoint.base import TINY, Base, load_weights, open_base
from schemas.checkpoint.chat_tokenizer import ChatTokenizer
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.constraint.vocabulary import Vocabulary

OPENED = open_base(Base(TINY, dtype="float32"))
CHAT: ChatTokenizer = OPENED.chat
VOCABULARY = Vocabulary(CHAT.token_bytes(), CHAT.end)


def tiny_model(rows: int = 8) -> TorchBackend:
    torch.set_num_threads(1)
    return TorchBackend(load_weights(OPENED).eval(), rows)
