import pytest
import torch

from schemas.checkpoint.base import TINY, Base, load_weights, open_base
from schemas.checkpoint.footprint import check_memory, skeleton, weight_bytes
from schemas.errors import ModelError


@pytest.mark.parametrize(("dtype", "size"), [("float32", 4), ("bfloat16", 2)])
def test_the_bytes_are_those_of_the_loaded_weights(dtype: str, size: int) -> None:
    opened = open_base(Base(TINY, dtype=dtype))  # type: ignore[arg-type]
    loaded = load_weights(opened)
    assert weight_bytes(opened) == sum(parameter.nbytes for parameter in loaded.parameters())
    assert weight_bytes(opened) == size * loaded.num_parameters()


def test_four_bits_are_for_the_linear_layers() -> None:
    whole, quantised = open_base(Base(TINY)), open_base(Base(TINY, quantization="nf4"))
    model, linear = skeleton(whole)
    in_linear = sum(parameter.numel() for parameter in model.parameters() if id(parameter) in linear)
    assert 0 < in_linear < model.num_parameters()
    assert weight_bytes(whole) - weight_bytes(quantised) == pytest.approx(in_linear * (2 - 4.127 / 8))


def test_weights_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    opened, device = open_base(Base(TINY)), torch.device("cpu")
    check_memory(opened, device)
    monkeypatch.setattr("schemas.checkpoint.footprint.weight_bytes", lambda opened: 1e15)
    with pytest.raises(ModelError, match=r"need 1000000\.0 GB, [0-9.]+ GB are available on cpu"):
        check_memory(opened, device)
