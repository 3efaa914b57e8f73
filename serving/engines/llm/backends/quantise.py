"""Weights in 4 or 8 bits: blocks of 32 neighbours along the input share a scale and a zero point."""

import numpy as np
import torch
from numpy.typing import NDArray

BLOCK = 32
_SHRINKS = (1.0, 0.95, 0.9, 0.85, 0.8)
"""Shares of a block's range that are tried; the one with the least squared error is kept."""


def quantise(weight: torch.Tensor, bits: int) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.uint8]]:
    """Round a matrix of shape (N, K), K a multiple of 64, to 4 or 8 bits, laid out for ONNX Runtime's `MatMulNBits`.

    Returns the values (N, K / 32, 16 or 32), the scales (N * K / 32) and the zero points (N * K / 64 or / 32), with two
    values of 4 bits to a byte; a weight is about (value - zero point) * scale. Rounding to the nearest, the range of
    each block clipped for the least squared error. Raises ValueError for another K.
    """
    rows, columns = weight.shape
    if columns % (2 * BLOCK):
        raise ValueError(f"{columns} columns are no multiple of {2 * BLOCK}")
    most = 2**bits - 1
    blocks = weight.detach().float().reshape(-1, BLOCK)
    low, high = blocks.amin(1, keepdim=True).clamp(max=0), blocks.amax(1, keepdim=True).clamp(min=0)
    least = torch.full_like(low, float("inf"))
    values, scales, zeros = torch.zeros_like(blocks), torch.ones_like(low), torch.zeros_like(low)
    for shrink in _SHRINKS:
        scale = ((high - low) * shrink / most).clamp(min=1e-12)
        zero = (-low * shrink / scale).round().clamp(0, most)
        value = (blocks / scale).round().add_(zero).clamp_(0, most)
        error = (value - zero).mul_(scale).sub_(blocks).square_().sum(1, keepdim=True)
        better = error < least
        least = torch.where(better, error, least)
        values, scales, zeros = (
            torch.where(better, new, old) for new, old in ((value, values), (scale, scales), (zero, zeros))
        )
    packed = _packed(values, bits).reshape(rows, columns // BLOCK, BLOCK * bits // 8)
    return packed.numpy(), scales.flatten().numpy(), _packed(zeros, bits).numpy()


def _packed(values: torch.Tensor, bits: int) -> torch.Tensor:
    """Bytes of values of `bits` bits; of two in one byte the first is in the low half."""
    if bits == 8:
        return values.flatten().to(torch.uint8)
    pairs = values.reshape(-1, 2)
    return (pairs[:, 0] + 16 * pairs[:, 1]).to(torch.uint8)
