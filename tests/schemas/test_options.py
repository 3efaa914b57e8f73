"""Options of configs: how they are typed, read and refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from schemas.options import option, options_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A config with every kind of option."""

    rules: bool = option(True, "off")
    few_shot: bool = option(False, "on")
    bits: Literal[4, 8] = option(8, "bits")
    runtime: Literal["torch", "onnx"] | None = option(None, "runtime")
    threads: int | None = option(None, "threads", least=1)
    recall: float = option(0.0, "recall")
    folder: Path | None = option(None, "folder")


OPTIONS = options_of(Config)


def test_options_are_named_as_people_type_them() -> None:
    words = [option.word for option in OPTIONS.values()]
    assert words == ["no-rules", "few-shot", "bits", "runtime", "threads", "recall", "folder"]
    assert [option.is_switch for option in OPTIONS.values()] == [True, True, *[False] * 5]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("bits", "4", 4),
        ("runtime", "onnx", "onnx"),
        ("threads", "3", 3),
        ("recall", "-1.5", -1.5),
        ("folder", "a", Path("a")),
    ],
)
def test_values_are_read_by_their_type(name: str, text: str, value: object) -> None:
    assert OPTIONS[name].read(text) == value


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("bits", "5", "is one of 4, 8"),
        ("bits", "four", "is not an integer"),
        ("runtime", "vllm", "is one of torch, onnx"),
        ("threads", "0", "is not an integer of 1 or more"),
        ("recall", "nan", "is not a number"),
        ("recall", "inf", "is not a number"),
    ],
)
def test_other_values_are_refused_without_being_repeated(name: str, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}") as caught:
        OPTIONS[name].read(text)
    assert text not in str(caught.value).removeprefix(told)
