"""The scales of the histograms: values in logarithmic buckets 2 % wide, time in hours, days, weeks.

A bucket stands for its middle, so what is read back is at most 1 % away from what was measured: `ERROR`.
"""

from __future__ import annotations

import math
from datetime import datetime
from enum import IntEnum

WIDTH = 0.02
ERROR = math.sqrt(1 + WIDTH) - 1
LEAST = 0.01
_STEP = math.log1p(WIDTH)

HOUR_US = 3_600_000_000
HOURS_OF_WEEK = 168
EVER = 0
_MONDAY_DAYS, _MONDAY_HOURS = 3, 72  # 1 January 1970 was a Thursday


class Metric(IntEnum):
    """What is measured: milliseconds, or (SPEED) tokens a second."""

    TTFT = 0
    ANSWER = 1
    SPEED = 2
    TOTAL = 3


class Span(IntEnum):
    """How long a slot is. HOUR_OF_WEEK: the 168 hours from Monday, UTC, over all weeks."""

    HOUR = 0
    DAY = 1
    WEEK = 2
    EVER = 3
    HOUR_OF_WEEK = 4


class Mark(IntEnum):
    """What is odd about an answer, as bits. BUFFERED: it came in one piece, so only its total is a time."""

    RETRIED = 1
    FAILED_OVER = 2
    CACHED = 4
    COLD = 8
    BUFFERED = 16
    PROBE = 32
    SIMULATED = 64


ODD = Mark.RETRIED | Mark.FAILED_OVER | Mark.CACHED | Mark.COLD | Mark.BUFFERED


def bucket_of(value: float) -> int:
    return round(math.log(max(value, LEAST)) / _STEP)


def value_of(bucket: int) -> float:
    return math.exp(bucket * _STEP)


def since(now: datetime, hours: int) -> int:
    """The first hour of a range that ends now, the hour that is running being its last."""
    return int(now.timestamp()) // 3600 - hours + 1


def hour_of(at_us: int) -> int:
    """Hours since 1970 UTC."""
    return at_us // HOUR_US


def slots_of(at_us: int) -> dict[Span, int]:
    """The slot of each span that an instant lies in."""
    hour = hour_of(at_us)
    return {
        Span.HOUR: hour,
        Span.DAY: hour // 24,
        Span.WEEK: week_of(hour // 24),
        Span.EVER: EVER,
        Span.HOUR_OF_WEEK: hour_of_week(hour),
    }


def week_of(day: int) -> int:
    """Weeks from Monday; `day` counts from 1970."""
    return (day + _MONDAY_DAYS) // 7


def first_day(week: int) -> int:
    return week * 7 - _MONDAY_DAYS


def hour_of_week(hour: int) -> int:
    """0 is Monday from midnight, UTC."""
    return (hour + _MONDAY_HOURS) % HOURS_OF_WEEK
