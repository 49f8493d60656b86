"""What a list of measured times says: n, median, the tail, the distribution. Pure.

Values come as (value, how often), the smallest first. Nothing is said of nothing: where there is no value there is
no number. A mean is not among them, because one slow answer moves it and two humps hide in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar

Values = Sequence[tuple[float, int]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Summary:
    """Of `n` values: the median, the quarters around it, the fastest and slowest twentieth, in the values' unit."""

    n: int
    p5: float
    p25: float
    median: float
    p75: float
    p95: float


def summary(values: Values) -> Summary | None:
    """None where there is nothing to sum up."""
    n = sum(often for _, often in values)
    if n == 0:
        return None
    return Summary(n, *(quantile(values, share) for share in (0.05, 0.25, 0.5, 0.75, 0.95)))


def quantile(values: Values, share: float) -> float:
    """The value below which `share` of them lie, between two neighbours in proportion. ValueError for no value."""
    ends = list(accumulate(often for _, often in values))
    if not ends or ends[-1] == 0:
        raise ValueError("there is no quantile of nothing")
    place = share * (ends[-1] - 1)
    low = _at(values, ends, int(place))
    return low + (_at(values, ends, min(int(place) + 1, ends[-1] - 1)) - low) * (place - int(place))


def _at(values: Values, ends: Sequence[int], rank: int) -> float:
    """The value of a rank, 0 the smallest."""
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        if ends[middle] > rank:
            high = middle
        else:
            low = middle + 1
    return values[low][0]


def distribution(values: Values) -> list[tuple[float, float]]:
    """The empirical distribution: (value, share of all that is at most that)."""
    ends = list(accumulate(often for _, often in values))
    return [(value, end / ends[-1]) for (value, _), end in zip(values, ends, strict=True)]


def merged(many: Iterable[Values]) -> list[tuple[float, int]]:
    """Several lists as one."""
    sums: dict[float, int] = {}
    for values in many:
        for value, often in values:
            sums[value] = sums.get(value, 0) + often
    return sorted(sums.items())


def counted(measured: Iterable[float]) -> list[tuple[float, int]]:
    """Single values as a list of this kind."""
    return merged([[(value, 1)] for value in measured])


@dataclass(frozen=True, slots=True)
class TimeParts:
    """One answer as the times that follow each other, in ms: until the first token, thinking, writing."""

    wait_ms: float
    think_ms: float
    write_ms: float


def parts(ttft_ms: float, first_answer_ms: float | None, last_ms: float | None) -> TimeParts | None:
    """None where it is not known when it ended, or when the answer proper began."""
    if first_answer_ms is None or last_ms is None:
        return None
    return TimeParts(ttft_ms, max(first_answer_ms - ttft_ms, 0.0), max(last_ms - first_answer_ms, 0.0))


def shifted(week: Mapping[int, T], hours: int) -> dict[tuple[int, int], T]:
    """By (weekday, hour of the day), for a reader `hours` east of UTC; `week` counts its hours from Monday in UTC."""
    return {divmod((place + hours) % 168, 24): values for place, values in week.items()}
