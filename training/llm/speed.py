"""How fast a run is: tokens a second, and which share of the machine's arithmetic that is."""

import time
from typing import Any

import torch

_SIDE = 2048
"""Side of the square matrices whose product gives the machine's speed."""


class Speed:
    """Counts tokens between two readings."""

    def __init__(self, flops_per_token: float, peak: float, processes: int) -> None:
        """Of `processes` that do the same, this one does `peak` operations a second at most.

        `flops_per_token` are the operations that training one token takes.
        """
        self._flops_per_token = flops_per_token
        self._peak = peak
        self._processes = processes
        self.restart()

    def restart(self) -> None:
        """Forget the tokens and the time since the last reading."""
        self._tokens, self._since = 0, time.perf_counter()

    def add(self, tokens: int) -> None:
        """Count `tokens` more."""
        self._tokens += tokens

    def read(self) -> dict[str, float]:
        """Seconds since the last reading, tokens a second of all processes, and the model FLOPs utilisation.

        The last is the share of `peak` that went into the model's own arithmetic (Chowdhery et al. 2022, PaLM).
        """
        seconds = time.perf_counter() - self._since
        rate = self._tokens / seconds
        self.restart()
        mfu = rate * self._flops_per_token / self._peak
        return {"seconds": seconds, "tokens_per_second": rate * self._processes, "mfu": mfu}


def flops_per_token(model: Any) -> float:
    """Operations that training takes for one token, attention apart: 2 a weight forward, 2 backward, 2 if it learns.

    Embeddings are looked up, not multiplied, and the vocabulary's layer sees only taught tokens; both are left out.
    """
    head = model.get_output_embeddings()
    layers = [module for module in model.modules() if isinstance(module, torch.nn.Linear) and module is not head]
    return float(
        sum(layer.in_features * layer.out_features * (6 if layer.weight.requires_grad else 4) for layer in layers)
    )


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
