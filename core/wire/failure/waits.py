"""When to come back: the server's wish in seconds, from whichever of many places it was written in."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from core.wire.failure.words import Said
from core.wire.shape import fields, items

DAY_S = 86_400.0
MAX_LOADING_S = 20.0
SECONDS = {"d": DAY_S, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
# The names of a wait and of an instant in a body, in small letters and without what joins their words.
WAITS = (
    *("retryafter", "retryafterseconds", "resetsinseconds", "resetinseconds", "retryin", "retryinseconds"),
    *("waitseconds", "resetafter", "resetafterseconds"),
)
INSTANTS = ("resetsat", "resetat", "resettime", "reset", "nextreset", "nextresettime")
BEIJING = timezone(timedelta(hours=8))
# Seconds in a unit as people write it; the longest that fits counts.
UNITS = {
    "milliseconds?|msecs?|毫秒": 1e-3,
    "seconds?|secs?|秒钟?": 1.0,
    "minutes?|mins?|分钟?": 60.0,
    "hours?|hrs?|个?小时": 3_600.0,
    "days?|天": DAY_S,
    **{unit: SECONDS[unit] for unit in ("ms", "s", "m", "h", "d")},
}

_PART = r"(\d+(?:\.\d*)?)(ms|us|µs|ns|d|h|m|s)"
_DURATION = re.compile(rf"(?:{_PART})+")
_SPELLED = rf"\d+(?:\.\d+)?\s*(?:{'|'.join(UNITS)})(?![a-z])"
_SPAN = rf"{_SPELLED}(?:\s*(?:,|and|,\s*and)?\s*{_SPELLED})*"
_ONE = re.compile(rf"(\d+(?:\.\d+)?)\s*({'|'.join(UNITS)})(?![a-z])", re.IGNORECASE)
_WORDED = re.compile(
    r"(?<![\w.])(?:one|an?)(?= (?:second|minute|hour|day)\b)"
    r"|半(?=个?小时)|(?<![一二两三四五六七八九十])[一二两三四五六七八九十](?=秒|分钟|个?小时|天)",
    re.IGNORECASE,
)
_NUMBERS = {"半": "0.5", "两": "2", **{sign: str(n) for n, sign in enumerate("一二三四五六七八九十", 1)}}
_STAMP = (
    r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)"
    r"\s*(Z|\(?(?:UTC|GMT) ?[+-]\d{1,2}(?::?\d\d)?|\(?(?:UTC|GMT)|[+-]\d\d:?\d\d)?"
)
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日\s*(\d{1,2}):(\d\d)(?::\d\d)?")
_HTTP_DATE = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT")
_CLOCK = re.compile(
    r"\b(?:resets?|renews?|available|retry|try again|until)\b[^.;\d]{0,30}\b(\d{1,2})(?::(\d\d))?"
    r" ?(am|pm)? ?\(?(?:UTC|GMT)(?!\w)",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\b(?:resets?|retry|available|until)\b[^.;\d]{0,30}\b(\d{10}|\d{13})\b", re.IGNORECASE)
_SPOKEN = re.compile(
    rf"(?:retry|try(?: it)? again|wait|available|resets?|renews?|refresh(?:es)?)\b[^.;:\d]{{0,40}}?"
    rf"(?<!every)(?:\bin|after|for|:)?:?\s+(?<!every )({_SPAN})"
    rf"|({_SPAN})\s*(?:之?后|以后)[^。;]{{0,12}}?(?:重试|再试|恢复|重置|可用)"
    rf"|(?:等待|请等|稍等|等|稍后)\s*({_SPAN})|({_SPAN})内(?:重置|恢复|解除)"
    rf"|\bretry[_-]?(?:after|in)\W{{1,3}}({_SPAN})",
    re.IGNORECASE,
)
_AT = re.compile(
    rf"(?:resets?|renews?|available|retry|try again|until|refresh(?:es)?)\b[^.;\d]{{0,30}}?{_STAMP}"
    rf"|(?:将?[在于]|请[在于]?|到)\s*(?:北京时间)?\s*{_STAMP}\s*(?:之?后)?[^。]{{0,8}}?(?:重置|恢复|重试|再试|刷新|解除)",
    re.IGNORECASE,
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


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
    for name in ("retry-after", "x-retry-after", "x-ratelimit-retry-after", "x-ratelimit-reset-after"):
        yield _retry_after(headers.get(name), now)
    for detail in map(fields, items(said.error.get("details"))):
        if str(detail.get("@type", "")).endswith("RetryInfo"):
            yield _delay(detail.get("retryDelay"))
    yield from _in_body(fields(said.body), said, now)
    for text in (said.message, said.raw):
        yield _spoken(text)
        yield _announced(text, said, now)
        yield _epoch(named[1] if (named := _EPOCH.search(text)) else None, now)
        yield _until(named[0] if (named := _HTTP_DATE.search(text)) else None, now)
        yield _next_time(text, now)
    for name in ("x-ratelimit-reset", "x-rate-limit-reset", "ratelimit-reset"):
        yield _epoch(headers.get(name), now)
    yield _draft_reset(headers, now)


def _in_body(body: Mapping[str, Any], said: Said, now: datetime | None) -> Iterator[float | None]:
    loading = _number(body.get("estimated_time", said.error.get("estimated_time")))
    yield None if loading is None else min(loading, MAX_LOADING_S)
    metadata = fields(said.error.get("metadata"))
    for place in (body, said.error, metadata, fields(body.get("parameters")), fields(body.get("detail"))):
        names = {re.sub(r"[_-]", "", str(name)).lower(): value for name, value in place.items()}
        for name in WAITS:
            yield _retry_after(names.get(name), now)
        milliseconds = _number(names.get("retryafterms"))
        yield None if milliseconds is None else milliseconds / 1000
        for name in INSTANTS:
            moment = names.get(name)
            yield _epoch(moment, now) if _number(moment) is not None else _until(moment, now)
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
        return seconds if seconds is None or seconds < 1e9 else _epoch(seconds, now)
    for read in (duration_s, _span_s):
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
    if spent := [float(reset) for left, reset in pairs if int(left) == 0]:
        return max(spent)
    seconds = duration_s(headers.get("ratelimit-reset", ""))
    if seconds is not None and seconds < 1e9:
        return seconds
    spent_names = [name for name, value in headers.items() if "ratelimit" in name and value.strip() == "0"]
    resets = [_retry_after(headers.get(name.replace("remaining", "reset")), now) for name in spent_names]
    return max((wish for wish in resets if wish is not None), default=None)


def _spoken(text: str) -> float | None:
    """`2m59.56s`, `2 minutes and 30 seconds`, `1 分 30 秒`: whatever stands where a wait is named, in whole."""
    text = _WORDED.sub(lambda found: _NUMBERS.get(found[0], "1"), text)
    found = _SPOKEN.search(text)
    return _span_s(next(filter(None, found.groups()), "")) if found else None


def _span_s(span: str) -> float | None:
    parts = [float(number) * _seconds_in(unit) for number, unit in _ONE.findall(span)]
    return sum(parts) if parts else None


def _seconds_in(unit: str) -> float:
    return next(seconds for name, seconds in UNITS.items() if re.fullmatch(name, unit, re.IGNORECASE))


def _announced(text: str, said: Said, now: datetime | None) -> float | None:
    """An instant named in words. Without a zone it is the vendor's own: Beijing's for a Chinese one, else UTC."""
    text = _CHINESE_DATE.sub(lambda date: "{}-{:0>2}-{:0>2} {:0>2}:{}".format(*date.groups()), text)
    found = _AT.search(text)
    if found is None or now is None:
        return None
    stamp, zone = (found[1], found[2]) if found[1] else (found[3], found[4])
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    if zone:
        moment = moment.replace(tzinfo=_zone(zone))
    elif said.is_chinese or _CHINESE.search(text):
        moment = moment.replace(tzinfo=BEIJING)
    else:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()


def _next_time(text: str, now: datetime | None) -> float | None:
    """Seconds to the next `14:00 UTC` or `2 PM UTC`."""
    found = _CLOCK.search(text)
    if found is None or now is None or (not found[2] and not found[3]):
        return None
    hour = int(found[1]) % 12 + 12 * (found[3].lower() == "pm") if found[3] else int(found[1])
    ahead = timedelta(hours=hour, minutes=int(found[2] or 0))
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + ahead - now).total_seconds() % DAY_S


def _zone(text: str) -> tzinfo:
    """`Z`, `UTC`, `+0800`, `+08:00`, `(UTC+8`."""
    found = re.search(r"([+-])(\d{1,2}):?(\d\d)?", text)
    if found is None:
        return UTC
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-ahead if found[1] == "-" else ahead)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
