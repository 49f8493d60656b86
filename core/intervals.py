"""Wilson's 95 % interval of a share: it holds for few cases too, and never leaves 0 to 1."""

from __future__ import annotations

import math

Z = 1.959964  # the 97.5 % quantile of the normal distribution


def wilson(wins: float, n: float) -> tuple[float, float]:
    """(low, high) around `wins / n`, which is always inside; (0, 1) for `n` of 0."""
    if n <= 0:
        return 0.0, 1.0
    share, square = wins / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))
