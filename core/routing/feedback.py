"""People's verdicts on the sizes chosen for their questions, and the threshold that these verdicts suggest.

Nobody complains about an answer of the right size, so silence counts as agreement; the shares have Wilson intervals.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import NamedTuple

from ..intervals import wilson
from ..records import Size
from .candidates import MIDDLE

FURTHEST = 0.1  # how far verdicts may move the threshold
FEWEST = 5  # verdicts before a threshold is suggested
OTHER: dict[Size, Size] = {"small": "big", "big": "small"}


class Judged(NamedTuple):
    """One answer: the size that answered, the difficulty if it alone chose the size, what it should have been."""

    tier: Size
    difficulty: float | None
    verdict: Size | None


@dataclass(frozen=True, slots=True)
class SizeRow:
    """The answers of one size: how many, how many were judged wrong, that share and its interval (None without any)."""

    tier: Size
    answers: int
    wrong: int
    share: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class FeedbackSummary:
    """An owner's answers by size; the current threshold, and the one that the feedback suggests (None: too few)."""

    lines: tuple[SizeRow, ...]
    threshold: float
    suggested: float | None


def lines(judged: Sequence[Judged]) -> list[SizeRow]:
    """The table, one row per size."""
    return [_line(tier, [answer for answer in judged if answer.tier == tier]) for tier in OTHER]


def suggested(judged: Iterable[Judged]) -> float | None:
    """The threshold that contradicts the fewest of these answers; among equals the one closest to `MIDDLE`.

    None while fewer than `FEWEST` verdicts speak of the difficulty.
    """
    rated = [answer for answer in judged if answer.difficulty is not None]
    if sum(answer.verdict is not None for answer in rated) < FEWEST:
        return None
    right = sorted((answer.difficulty or 0.0, (answer.verdict or answer.tier) == "big") for answer in rated)
    scores = [score for score, _ in right]
    between = [(low + high) / 2 for low, high in pairwise(scores) if low < high]
    places = sorted({MIDDLE, *between, *(max(0.0, scores[0] - 0.01), min(1.0, scores[-1] + 0.01))})
    bigs = list(accumulate((big for _, big in right), initial=0))

    def contradicted(place: float) -> int:
        below = bisect_left(scores, place)
        return bigs[below] + (len(right) - below) - (bigs[-1] - bigs[below])

    return min(places, key=lambda place: (contradicted(place), abs(place - MIDDLE)))


def effective_threshold(judged: Iterable[Judged]) -> float:
    """The threshold for this person's next questions: `MIDDLE`, moved at most `FURTHEST` towards what verdicts
    suggest."""
    threshold = suggested(judged)
    return MIDDLE if threshold is None else min(max(threshold, MIDDLE - FURTHEST), MIDDLE + FURTHEST)


def _line(tier: Size, answers: Sequence[Judged]) -> SizeRow:
    n, wrong = len(answers), sum(answer.verdict == OTHER[tier] for answer in answers)
    if not n:
        return SizeRow(tier, 0, 0, None, None, None)
    return SizeRow(tier, n, wrong, wrong / n, *wilson(wrong, n))
