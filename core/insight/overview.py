"""Sums over a person's own log: languages, how answers ended, lengths, tone by time. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from .prompt_log import EndedAnswer, LoggedQuestion

DAY_US = 86_400_000_000
MOST_DAYS, MOST_WEEKS = 60, 420  # days: up to here the tone is drawn by day, by week
FEWEST_A_POINT = 5
Z = 1.96


@dataclass(frozen=True, slots=True)
class Lengths:
    """Characters or tokens of `n` texts; None: of none."""

    n: int
    median: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class ModelAnswers:
    """How one model's answers ended; those that the person stopped are in `answers` alone. `lengths`: characters of
    those that are whole."""

    model_id: str
    answers: int
    refused: int
    filtered: int
    truncated: int
    failed: int
    lengths: Lengths


@dataclass(frozen=True, slots=True)
class TonePoint:
    """The mean tone of `n` questions from `start_us` on, with its 95 % interval."""

    start_us: int
    n: int
    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Tones:
    """`step_days`: 1, 7 or 30. `unread`: questions in languages without a list."""

    step_days: int
    points: tuple[TonePoint, ...]
    positive: int
    neutral: int
    negative: int
    unread: int


def lengths_of(sizes: Sequence[int]) -> Lengths:
    import numpy as np

    if not sizes:
        return Lengths(0, None, None)
    median, p95 = np.percentile(np.asarray(sizes), [50, 95])
    return Lengths(len(sizes), float(median), float(p95))


def by_language(questions: Sequence[LoggedQuestion]) -> list[tuple[str | None, int]]:
    """(code, how many), the most first; None, not clear, at the end."""
    counts = Counter(question.language for question in questions)
    return sorted(counts.items(), key=lambda item: (item[0] is None, -item[1], item[0] or ""))


def by_model(answers: Sequence[EndedAnswer]) -> list[ModelAnswers]:
    """The most answers first."""
    endings: dict[str, Counter[str]] = {}
    sizes: dict[str, list[int]] = {}
    for answer in answers:
        endings.setdefault(answer.model_id, Counter())[answer.end] += 1
        if answer.end == "ok":
            sizes.setdefault(answer.model_id, []).append(answer.characters)
    rows = [
        ModelAnswers(
            model_id, counts.total(), counts["refused"], counts["filtered"], counts["truncated"], counts["failed"],
            lengths_of(sizes.get(model_id, ())),
        )
        for model_id, counts in endings.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row.answers, row.model_id))


def tones(questions: Sequence[LoggedQuestion]) -> Tones:
    """By day, week or month, whichever gives few enough points; spans with fewer than `FEWEST_A_POINT` are left out."""
    import numpy as np

    from .tone import CLEAR

    read = [question for question in questions if question.tone is not None]
    unread = len(questions) - len(read)
    if not read:
        return Tones(1, (), 0, 0, 0, unread)
    values = np.array([question.tone for question in read], dtype=np.float64)
    days = np.array([question.at_us for question in read]) // DAY_US
    span = int(days.max() - days.min()) + 1
    step = 1 if span <= MOST_DAYS else 7 if span <= MOST_WEEKS else 30
    buckets = days // step
    starts, place = np.unique(buckets, return_inverse=True)
    n = np.bincount(place)
    mean = np.bincount(place, weights=values) / n
    square = np.bincount(place, weights=values**2) / n
    points = []
    for start, number, average, squared in zip(
        starts.tolist(), n.tolist(), mean.tolist(), square.tolist(), strict=True
    ):
        if number >= FEWEST_A_POINT:
            spread = sqrt(max(squared - average * average, 0.0) * number / (number - 1))
            half = Z * spread / sqrt(number)
            point = TonePoint(
                start * step * DAY_US, number, average, max(-1.0, average - half), min(1.0, average + half)
            )
            points.append(point)
    positive, negative = int((values >= CLEAR).sum()), int((values <= -CLEAR).sum())
    return Tones(step, tuple(points), positive, len(read) - positive - negative, negative, unread)
