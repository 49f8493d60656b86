"""When to come back: the server's wish in seconds, from whichever of a dozen places it was written in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from core.wire.failure.words import Said
from core.wire.shape import fields, items

DAY_S = 86_400.0
MAX_LOADING_S = 20.0
SECONDS = {"d": DAY_S, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}

_PART = r"(\d+(?:\.\d*)?)(ms|us|µs|ns|d|h|m|s)"
_DURATION = re.compile(rf"(?:{_PART})+")
_SPOKEN = re.compile(
    r"(?:retry|try again|wait|available)(?: again)?(?: in| after| for)?:?\s+"
    r"((?:\d+(?:\.\d+)?(?:ms|d|h|m|s))+|\d+(?:\.\d+)?\s*(?:seconds?|secs?|minutes?|mins?|hours?|milliseconds?))\b",
    re.IGNORECASE,
)
_UNITS = (("milli", 1e-3), ("sec", 1.0), ("min", 60.0), ("hour", 3_600.0))


def duration_s(text: str) -> float | None:
    """Seconds in `6ms`, `8.64s`, `1m30s`, `2m59.56s` or the bare `24483.58`; None for anything else."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d*)?", text):
        return float(text)
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * SECONDS[unit] for number, unit in re.findall(_PART, text))


def find(headers: Mapping[str, str], said: Said, now: datetime | None) -> float | None:
    """The first wish above zero; 0.0 if only "at once" was said; None if nothing was. Never beyond a day.

    Instants are by the server's clock, so they are compared with the date that it wrote, if it did, not with ours.
    """
    now = now and (_date(headers.get("date", "")) or now)
    told = [wish for wish in _wishes(headers, said, now) if wish is not None and math.isfinite(wish) and wish >= 0]
    first = next((wish for wish in told if wish > 0), 0.0 if told else None)
    return None if first is None else min(first, DAY_S)


def _wishes(headers: Mapping[str, str], said: Said, now: datetime | None) -> Iterator[float | None]:
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        milliseconds = _number(headers.get(name))
        yield None if milliseconds is None else milliseconds / 1000
    yield _retry_after(headers.get("retry-after"), now)
    for detail in map(fields, items(said.error.get("details"))):
        if str(detail.get("@type", "")).endswith("RetryInfo"):
            yield _delay(detail.get("retryDelay"))
    yield from _in_body(fields(said.body), said, now)
    yield _spoken(said.message) or _spoken(said.raw)
    yield _epoch(headers.get("x-ratelimit-reset"), now)


def _in_body(body: Mapping[str, Any], said: Said, now: datetime | None) -> Iterator[float | None]:
    loading = _number(body.get("estimated_time", said.error.get("estimated_time")))
    yield None if loading is None else min(loading, MAX_LOADING_S)
    metadata = fields(said.error.get("metadata"))
    for place in (body, said.error, metadata):
        yield _number(place.get("retry_after", place.get("retry_after_seconds")))
    inner = {str(name).lower(): value for name, value in fields(metadata.get("headers")).items()}
    yield _retry_after(inner.get("retry-after"), now)
    yield _epoch(inner.get("x-ratelimit-reset"), now)


def _delay(value: object) -> float | None:
    if isinstance(value, dict):
        return _number(value.get("seconds"))
    return duration_s(value) if isinstance(value, str) else _number(value)


def _retry_after(value: object, now: datetime | None) -> float | None:
    seconds = _number(value)
    if seconds is not None or not isinstance(value, str):
        return seconds
    if (seconds := duration_s(value)) is not None or now is None:
        return seconds
    moment = _date(value)
    return None if moment is None else (moment - now).total_seconds()


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _epoch(value: object, now: datetime | None) -> float | None:
    """Seconds until an epoch in milliseconds (or seconds); smaller numbers mean something else elsewhere."""
    moment = _number(value)
    if now is None or moment is None or moment < 1e9:
        return None
    return (moment / 1000 if moment > 1e11 else moment) - now.timestamp()


def _spoken(text: str) -> float | None:
    found = _SPOKEN.search(text)
    if not found:
        return None
    word = found[1].lower()
    number, unit = re.match(r"([\d.]+)\s*([a-z]*)", word).groups()  # type: ignore[union-attr]
    factor = next((factor for name, factor in _UNITS if unit.startswith(name)), None)
    return duration_s(word) if factor is None else float(number) * factor


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
