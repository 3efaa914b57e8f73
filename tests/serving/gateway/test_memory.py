"""What is remembered of texts that were searched before."""

from collections.abc import Sequence

from schemas.spans.prediction import Prediction
from serving.gateway.memory import Memory
from tests.finding import behind_names
from tests.serving.gateway.gateways import KnownValues


def test_a_text_is_searched_once_as_long_as_it_is_remembered() -> None:
    searched: list[str] = []

    def detect(texts: Sequence[str]) -> list[Prediction]:
        searched.extend(texts)
        return KnownValues().detect(texts)

    find = behind_names(detect)
    memory = Memory(b"k", 2)
    texts = ["张三丰", "你好", "张三丰"]
    assert memory.find(texts, (), "", find) == KnownValues().detect(texts)
    assert searched == ["张三丰", "你好"]
    assert memory.find(["王小明", "张三丰"], (), "", find) == KnownValues().detect(["王小明", "张三丰"])
    assert searched == ["张三丰", "你好", "王小明"]
    memory.find(["你好"], (), "", find)  # the oldest was forgotten
    assert searched[3:] == ["你好"]
    memory.find(["你好"], (), "another way", find)
    assert searched[4:] == ["你好"]


def test_a_value_is_searched_once_behind_each_name() -> None:
    searched: list[str] = []

    def detect(texts: Sequence[str]) -> list[Prediction]:
        searched.extend(texts)
        return KnownValues().detect(texts)

    memory, names = Memory(b"k", 4), ["name", "note", "name"]
    for _ in range(2):
        found = memory.find(["张三丰"] * 3, names, "", behind_names(detect))
        assert found == KnownValues().detect(["张三丰"] * 3)
    assert searched == ["name: 张三丰", "note: 张三丰"]
    memory.find(["张三丰"], (), "", behind_names(detect))
    assert searched[2:] == ["张三丰"]
    memory.find(["c", "b\0c"], ["a\0b", "a"], "", behind_names(detect))
    assert {"a\0b: c", "a: b\0c"} <= {*searched}


def test_it_holds_no_text() -> None:
    memory = Memory(b"k", 2)
    memory.find(["张三丰的电话"], (), "", behind_names(KnownValues().detect))
    assert "张三丰" not in repr(vars(memory))
