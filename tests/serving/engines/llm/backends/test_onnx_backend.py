"""The 4-bit decoder under ONNX Runtime against the same weights under torch."""

from pathlib import Path

import numpy as np
import pytest
import torch

from schemas.errors import ModelError
from schemas.taxonomy import DEFAULT_TYPES
from serving.engines.llm.backends.onnx_backend import OnnxBackend
from serving.engines.llm.backends.onnx_graph import write_decoder
from serving.engines.llm.backends.quantise import BLOCK, quantise
from serving.engines.llm.backends.torch_backend import TorchBackend
from serving.engines.llm.engine import LlmEngine, LlmSettings
from tests.serving.engines.llm.test_decoding import LONG, random_texts, same
from tests.serving.engines.llm.tiny import CHAT, tiny_model

PROMPT = [5, 77, 300, 41, 9, 512, 33, 200]
EVERY = (len(PROMPT) - 1, None)


def dequantised(weight: torch.Tensor, bits: int = 4) -> torch.Tensor:
    values, scales, zeros = quantise(weight, bits)
    split = lambda packed: np.stack([packed & 15, packed >> 4], -1) if bits == 4 else packed  # noqa: E731
    blocks = split(values).reshape(-1, BLOCK).astype(np.float32)
    restored = (blocks - split(zeros).reshape(-1, 1)) * scales[:, None]
    return torch.from_numpy(restored.reshape(weight.shape))


@pytest.fixture(scope="module")
def rounded() -> TorchBackend:
    """The tiny model with its linear layers rounded to 4 bits."""
    model = tiny_model()
    with torch.no_grad():
        for name, module in model.model.named_modules():
            if isinstance(module, torch.nn.Linear) and name != "lm_head":
                module.weight.copy_(dequantised(module.weight))
    return model


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("decoder") / "tiny"
    write_decoder(tiny_model().model, folder, 4)
    return folder


@pytest.fixture
def model(decoder: Path) -> OnnxBackend:
    return OnnxBackend(decoder, threads=1)


def test_rounding_is_to_the_nearest() -> None:
    weight = torch.randn(6, 128, generator=torch.Generator().manual_seed(0))
    error = (dequantised(weight) - weight).abs().reshape(-1, BLOCK).amax(1)
    span = weight.reshape(-1, BLOCK).amax(1) - weight.reshape(-1, BLOCK).amin(1)
    assert (error <= span * (0.2 + 0.5 / 15)).all() and (error / span).mean() < 0.09
    assert (dequantised(weight, 8) - weight).abs().max() < span.max() / 400
    with pytest.raises(ValueError, match="multiple of 64"):
        quantise(weight[:, :96], 4)


def test_logits_are_those_of_torch(model: OnnxBackend, rounded: TorchBackend) -> None:
    ((ours,),) = model.begin(PROMPT[:3], 1).forward([PROMPT[3:]], [[(4, None)]])
    ((theirs,),) = rounded.begin(PROMPT[:3], 1).forward([PROMPT[3:]], [[(4, None)]])
    assert np.corrcoef(ours, theirs)[0, 1] > 0.995  # activations are rounded to 8 bits
    ((few,),) = model.begin(PROMPT[:3], 1).forward([PROMPT[3:]], [[(4, np.array([7, 900]))]])
    assert few == pytest.approx(ours[[7, 900]], abs=1e-4)


def test_what_is_taken_back_leaves_no_trace(model: OnnxBackend) -> None:
    rows = model.begin(PROMPT[:2], 1)
    rows.forward([[*PROMPT[2:5], 11, 12]], [[]])
    rows.keep([3])
    ((again,),) = rows.forward([PROMPT[5:]], [[(2, None)]])
    model.begin([9, 9], 1)
    ((direct,),) = model.begin(PROMPT[:2], 1).forward([PROMPT[2:]], [[(5, None)]])
    assert again == pytest.approx(direct, abs=2e-2)


def test_room_grows_with_the_sequence(model: OnnxBackend) -> None:
    rows = model.begin([1], 1)
    rows.forward([list(range(1000))], [[]])
    ((grown,),) = rows.forward([PROMPT * 10], [[(79, None)]])
    fresh = model.begin([1], 1)
    ((direct,),) = fresh.forward([[*range(1000), *PROMPT * 10]], [[(1079, None)]])
    assert np.corrcoef(grown, direct)[0, 1] > 0.999
    with pytest.raises(ModelError, match="longer than the model's 4096"):
        fresh.forward([[1] * 4000], [[]])
    with pytest.raises(ValueError, match="one row"):
        model.begin([1], 2)


def test_drafts_change_nothing_but_ties(model: OnnxBackend) -> None:
    """Activations are rounded to 8 bits, and kernels add one row and several in another order, which can tip a tie."""
    texts = random_texts(25)
    plain = LlmEngine(model, CHAT, LlmSettings(ahead=0, bias=LONG))
    fast = LlmEngine(model, CHAT, LlmSettings(bias=LONG))
    pairs = [(plain.answer([text], DEFAULT_TYPES)[0], fast.answer([text], DEFAULT_TYPES)[0]) for text in texts]
    differing = [pair for pair in pairs if not same(*pair)]
    assert len(differing) <= len(texts) // 5
    for slow, drafted in differing:
        at = next(at for at, pair in enumerate(zip(slow.tokens, drafted.tokens, strict=False)) if pair[0] != pair[1])
        assert slow.log_probabilities[at] == pytest.approx(drafted.log_probabilities[at], abs=0.02)
