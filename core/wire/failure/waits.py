"""When to retry: the wait that the server asks for, in seconds, from any of the many places it may be written in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ..shape import fields, items
from .instants import ahead_s
from .spans import DAY_S, duration_s, span_s, spoken_s
from .words import ErrorBody

MAX_LOADING_S = 20.0
# The names of a wait and of an instant in a body, in small letters and without what joins their words.
WAITS = (
    *("retryafter", "retryafterseconds", "resetsinseconds", "resetinseconds", "resetsin", "resetin", "timetoreset"),
    *("retryin", "retryinseconds", "retrydelay", "quotaresetdelay", "resetafter", "resetafterseconds"),
    *("wait", "waittime", "waitseconds", "cooldown", "cooldownseconds"),
)
INSTANTS = (
    *("resetsat", "resetat", "resettime", "reset", "nextreset", "nextresettime", "quotaresettimestamp"),
    *("availableat", "nextavailableat", "retryat"),
)
HEADER_WAITS = (
    *("retry-after", "x-retry-after", "retry-after-seconds", "x-retry-after-seconds"),
    *("x-ratelimit-retry-after", "x-ratelimit-retryafter", "x-ratelimit-reset-after"),
)
HEADER_INSTANTS = ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset", "anthropic-ratelimit-unified-reset")
_HTTP_DATE = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
_EPOCH = re.compile(r"\b(?:resets?|retry|available|until|reached)\b[^.;\d]{0,30}\b(\d{10}|\d{13})\b", re.IGNORECASE)


def find(headers: Mapping[str, str], error_body: ErrorBody, now: datetime | None) -> float | None:
    """The first wait above zero; 0.0 if the server said "at once"; None if it named none. Never more than a day.

    Instants follow the server's clock, so they are compared with the date in its reply, where there is one.
    """
    now = now and (_date(headers.get("date", "")) or now)
    waits = [
        wait_s
        for wait_s in _requested_waits(headers, error_body, now)
        if wait_s is not None and math.isfinite(wait_s) and wait_s >= 0
    ]
    first_s = next((wait_s for wait_s in waits if wait_s > 0), 0.0 if waits else None)
    return None if first_s is None else min(first_s, DAY_S)


def _requested_waits(headers: Mapping[str, str], error_body: ErrorBody, now: datetime | None) -> Iterator[float | None]:
    for name in ("retry-after-ms", "x-ms-retry-after-ms"):
        milliseconds = _number(headers.get(name))
        yield None if milliseconds is None else milliseconds / 1000
    for name in HEADER_WAITS:
        yield _retry_after(headers.get(name), now)
    for detail in map(fields, items(error_body.error.get("details"))):
        if str(detail.get("@type", "")).endswith("RetryInfo"):
            yield _delay(detail.get("retryDelay"))
    yield from _in_body(fields(error_body.body), error_body, now)
    for text in (error_body.message, error_body.raw):
        yield spoken_s(text)
        yield ahead_s(text, now, is_chinese=error_body.is_chinese) if now else None
        yield _epoch(match[1] if (match := _EPOCH.search(text)) else None, now)
        yield _until(match[0] if (match := _HTTP_DATE.search(text)) else None, now)
    for name in HEADER_INSTANTS:
        yield _epoch(headers.get(name), now)
    yield _draft_reset(headers, now)


def _in_body(body: Mapping[str, Any], error_body: ErrorBody, now: datetime | None) -> Iterator[float | None]:
    loading = _number(body.get("estimated_time", error_body.error.get("estimated_time")))
    yield None if loading is None else min(loading, MAX_LOADING_S)
    for place in _places(body, error_body.error):
        names = {re.sub(r"[_-]", "", str(name)).lower(): value for name, value in place.items()}
        for name in WAITS:
            yield _retry_after(names.get(name), now)
        milliseconds = _number(names.get("retryafterms"))
        yield None if milliseconds is None else milliseconds / 1000
        for name in INSTANTS:
            moment = names.get(name)
            yield _epoch(moment, now) if _number(moment) is not None else _until(moment, now)
    inner = fields(fields(error_body.error.get("metadata")).get("headers"))
    inner = {str(name).lower(): value for name, value in inner.items()}
    yield _retry_after(inner.get("retry-after"), now)
    yield _epoch(inner.get("x-ratelimit-reset"), now)


def _places(body: Mapping[str, Any], error: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Where a body may name a wait: itself, its error, and what lies one level below them or below a detail."""
    for place in (body, error, *items(error.get("details"))):
        yield fields(place)
        yield from (value for value in fields(place).values() if isinstance(value, dict))


def _delay(value: object) -> float | None:
    if isinstance(value, dict):
        return _number(value.get("seconds"))
    return duration_s(value) if isinstance(value, str) else _number(value)


def _retry_after(value: object, now: datetime | None) -> float | None:
    if isinstance(value, str):
        value = re.sub(r"^\s*(\d+)\s*,.*", r"\1", value)  # a header that two servers on the way wrote
    seconds = _number(value)
    if seconds is not None or not isinstance(value, str):
        return seconds if seconds is None or seconds < 1e9 else _epoch(seconds, now)
    for read in (duration_s, span_s):
        if (seconds := read(value)) is not None:
            return seconds
    return _until(value, now)


def _until(value: object, now: datetime | None) -> float | None:
    moment = _date(value) if isinstance(value, str) else None
    return None if moment is None or now is None else (moment - now).total_seconds()


def _date(text: str) -> datetime | None:
    """An HTTP date or an ISO one; without a zone it is UTC."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = parse(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return date if date.tzinfo else date.replace(tzinfo=UTC)
    return None


def _epoch(value: object, now: datetime | None) -> float | None:
    """Seconds until an epoch in milliseconds (or seconds); smaller numbers mean something else elsewhere."""
    moment = _number(value)
    if now is None or moment is None or moment < 1e9:
        return None
    return (moment / 1000 if moment > 1e11 else moment) - now.timestamp()


def _draft_reset(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """The seconds until a spent window resets: in the IETF drafts' headers, or in a header for each limit."""
    line = headers.get("ratelimit", "")
    pairs = zip(re.findall(r"\b(?:r|remaining)=(\d+)", line), re.findall(r"\b(?:t|reset)=(\d+)", line), strict=False)
    if resets_s := [float(reset) for left, reset in pairs if int(left) == 0]:
        return max(resets_s)
    if re.search(r"\b(?:r|remaining)=0\b", line):
        return max(map(float, re.findall(r"\bw=(\d+)", headers.get("ratelimit-policy", ""))), default=None)
    seconds = duration_s(headers.get("ratelimit-reset", ""))
    if seconds is not None and seconds < 1e9:
        return seconds
    spent_names = [name for name, value in headers.items() if _is_spent(name, value)]
    reset_names = [
        re.sub("used-percent$", "reset-after-seconds", name.replace("remaining", "reset")) for name in spent_names
    ]
    resets = [_retry_after(headers.get(name), now) for name in reset_names]
    return max((wish for wish in resets if wish is not None), default=None)


def _is_spent(name: str, value: str) -> bool:
    if name.endswith("used-percent"):
        return (_number(value) or 0) >= 100
    return "ratelimit" in name and value.strip() == "0"


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
