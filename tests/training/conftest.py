from pathlib import Path

import pytest

from schemas.tagger.lexicon import Lexicon
from schemas.tagger.word_kind import WordKind
from tests.training.tagger.tiny import write_encoder


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random encoder with an XLM-R style tokenizer."""
    folder = tmp_path_factory.mktemp("base")
    characters = "张三李四王五电话是在的，。0123456789"
    Lexicon.of({"张三": WordKind.PERSON, "电话": WordKind.WORD}).write(folder)
    write_encoder(folder, ["<s>", "<pad>", "</s>", "<unk>", "▁", *characters, "a", "b", "▁the", "the"])
    return folder
