"""Statistics of measured times: n, median, the tail, the distribution. Pure.

Values come as (value, count), the smallest first. Without values there are no numbers. There is no mean, because one
slow answer moves it and two peaks hide in it.
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
    """None for no values."""
    n = sum(often for _, often in values)
    if n == 0:
        return None
    return Summary(n, *(quantile(values, share) for share in (0.05, 0.25, 0.5, 0.75, 0.95)))


def quantile(values: Values, share: float) -> float:
    """The value below which `share` of them lie, between two neighbours in proportion. ValueError for no value."""
    cumulative = list(accumulate(often for _, often in values))
    if not cumulative or cumulative[-1] == 0:
        raise ValueError("there is no quantile of nothing")
    place = share * (cumulative[-1] - 1)
    low = _at(values, cumulative, int(place))
    return low + (_at(values, cumulative, min(int(place) + 1, cumulative[-1] - 1)) - low) * (place - int(place))


def _at(values: Values, cumulative: Sequence[int], rank: int) -> float:
    """The value of a rank, 0 the smallest."""
    low, high = 0, len(cumulative) - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > rank:
            high = middle
        else:
            low = middle + 1
    return values[low][0]


def distribution(values: Values) -> list[tuple[float, float]]:
    """The empirical distribution: (value, share of all that is at most that)."""
    cumulative = list(accumulate(often for _, often in values))
    return [(value, end / cumulative[-1]) for (value, _), end in zip(values, cumulative, strict=True)]


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
    """None where the end, or the beginning of the answer proper, is not known."""
    if first_answer_ms is None or last_ms is None:
        return None
    return TimeParts(ttft_ms, max(first_answer_ms - ttft_ms, 0.0), max(last_ms - first_answer_ms, 0.0))


def shifted(week: Mapping[int, T], hours: int) -> dict[tuple[int, int], T]:
    """By (weekday, hour of the day), for a reader `hours` east of UTC; `week` counts its hours from Monday in UTC."""
    return {divmod((place + hours) % 168, 24): values for place, values in week.items()}
