"""What is remembered of texts that were searched before."""

from collections.abc import Sequence

from schemas.spans.prediction import Prediction
from serving.gateway.memory import Memory
from tests.serving.gateway.gateways import KnownValues


def test_a_text_is_searched_once_as_long_as_it_is_remembered() -> None:
    searched: list[str] = []

    def find(texts: Sequence[str]) -> list[Prediction]:
        searched.extend(texts)
        return KnownValues().detect(texts)

    memory = Memory(b"k", 2)
    texts = ["张三丰", "你好", "张三丰"]
    assert memory.find(texts, "", find) == KnownValues().detect(texts)
    assert searched == ["张三丰", "你好"]
    assert memory.find(["王小明", "张三丰"], "", find) == KnownValues().detect(["王小明", "张三丰"])
    assert searched == ["张三丰", "你好", "王小明"]
    memory.find(["你好"], "", find)  # the oldest was forgotten
    assert searched[3:] == ["你好"]
    memory.find(["你好"], "another way", find)
    assert searched[4:] == ["你好"]


def test_it_holds_no_text() -> None:
    memory = Memory(b"k", 2)
    memory.find(["张三丰的电话"], "", KnownValues().detect)
    assert "张三丰" not in repr(vars(memory))
