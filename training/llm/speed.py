"""How fast a run is: tokens a second, and which share of the machine's arithmetic that is."""

import time
from typing import Any

import torch

_SIDE = 2048
"""Side of the square matrices whose product gives the machine's speed."""


class Speed:
    """Counts tokens between two readings."""

    def __init__(self, flops_per_token: float, peak: float) -> None:
        """`flops_per_token` are the operations that training one token takes, `peak` what the machine does a second."""
        self._flops_per_token = flops_per_token
        self._peak = peak
        self.total = 0
        self.restart()

    def restart(self) -> None:
        """Forget the tokens and the time since the last reading."""
        self._tokens, self._since = 0, time.perf_counter()

    def add(self, tokens: int) -> None:
        """Count `tokens` more."""
        self._tokens += tokens
        self.total += tokens

    def read(self) -> dict[str, float]:
        """Tokens a second since the last reading, and the model FLOPs utilisation (Chowdhery et al. 2022, PaLM)."""
        rate = self._tokens / (time.perf_counter() - self._since)
        self.restart()
        return {"tokens_per_second": rate, "mfu": rate * self._flops_per_token / self._peak}


def flops_per_token(model: Any) -> float:
    """Operations that training takes for one token, attention apart: 2 a weight forward, 2 backward, 2 if it learns.

    Embeddings are looked up, not multiplied, and the vocabulary's layer sees only taught tokens; both are left out.
    """
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    head = model.get_output_embeddings()
    weights = [layer.in_features * layer.out_features for layer in layers if layer is not head]
    trained = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    return float(4 * sum(weights) + 2 * trained)


def measure_peak(device: torch.device, dtype: torch.dtype, rounds: int = 8) -> float:
    """Operations a second of a large matrix product on `device` in `dtype`, the best of some rounds."""
    left, right = (torch.randn(_SIDE, _SIDE, device=device, dtype=dtype) for _ in range(2))
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        product = left @ right
        product[0, 0].item()  # waits for the device
        best = min(best, time.perf_counter() - started)
    return 2.0 * _SIDE**3 / best
