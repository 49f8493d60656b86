"""The scales of the histograms: values in logarithmic buckets 2 % wide, time in hours, days, weeks.

A bucket is read back as its middle, at most 1 % away from the measured value: `ERROR`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from typing import Any

WIDTH = 0.02
ERROR = math.sqrt(1 + WIDTH) - 1
LEAST = 0.01
_STEP = math.log1p(WIDTH)

HOUR_US = 3_600_000_000
HOURS_OF_WEEK = 168
EVER = 0
_MONDAY_DAYS, _MONDAY_HOURS = 3, 72  # 1 January 1970 was a Thursday
SPEED_NEEDS = ("output_tokens", "reasoning_tokens", "estimated", "ttft_ms", "first_answer_ms", "last_ms", "chunks")


class Metric(IntEnum):
    """The measured quantity, in milliseconds; SPEED in tokens per second."""

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


class AnswerFlag(IntEnum):
    """Properties that make an answer's times special, as bits. BUFFERED: it came in one piece, so only its total
    counts. TOOL_ROUNDS: tools were called, so it took several requests."""

    RETRIED = 1
    FAILED_OVER = 2
    CACHED = 4
    COLD = 8
    BUFFERED = 16
    PROBE = 32
    SIMULATED = 64
    NIGHTLY = 128
    TOOL_ROUNDS = 4096


# In four bits from the ninth on: how hard the model was told to think, as a number from 0, "not set", on. So answers of
# different efforts are never in one series; those from before it was noted are "not set".
EFFORTS = ("", "none", "low", "medium", "high", "budget")
_EFFORT_PLACE, _EFFORT_NUMBERS = 1 << 8, 1 << 4


def effort_mark(effort: object) -> int:
    """The bits of an effort; any number of tokens is "budget"."""
    name = "budget" if isinstance(effort, int) else str(effort or "")
    return EFFORTS.index(name) * _EFFORT_PLACE if name in EFFORTS else 0


def effort_of(flags: int) -> str:
    """The effort in a series' flags, "" where it was not set."""
    number = flags // _EFFORT_PLACE % _EFFORT_NUMBERS
    return EFFORTS[number] if number < len(EFFORTS) else ""


ODD = (
    AnswerFlag.RETRIED
    | AnswerFlag.FAILED_OVER
    | AnswerFlag.CACHED
    | AnswerFlag.COLD
    | AnswerFlag.BUFFERED
    | AnswerFlag.TOOL_ROUNDS
)


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


def decode_speed(row: Mapping[str, Any]) -> float | None:
    """Tokens per second: the provider's count over the time from the first to the last token received.

    None where all came at once, and where the count is our own estimate. Reasoning that was not streamed does not
    count.
    """
    tokens, first_ms, last_ms = row["output_tokens"], row["ttft_ms"], row["last_ms"]
    if row["estimated"] or not tokens or first_ms is None or last_ms is None or (row["chunks"] or 0) < 2:
        return None
    if row["reasoning_tokens"] and first_ms == row["first_answer_ms"]:
        tokens -= row["reasoning_tokens"]
    writing_ms = last_ms - first_ms
    return tokens * 1000 / writing_ms if tokens > 0 and writing_ms > 0 else None
