"""What providers say about their limits: every header dialect, and the bodies of refusals, as `RateLimitReading`.

    read(provider_id, status, headers, body, now) -> [RateLimitReading(unit, per, limit, remaining, resets_at, source)]

A header's name tells unit and period; where it does not, the provider's habit does, or the arithmetic of a bucket that
refills (`limit`, `remaining` and `reset` of one reply fit only one period). Numbers that mean "no limit" and resets too
far away are left out. For the bodies of refusals see `refusals`.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Any

from ..records import Per, RateLimitReading, Unit
from . import refusals
from .limits import LENGTH

UNLIMITED = Decimal(2) ** 60  # some servers say 2^63 for "no limit"
FARTHEST = timedelta(days=400)
SAME_TIME = timedelta(seconds=2)  # a date is in whole seconds and arrives a moment later
SECONDS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
PART = re.compile(r"(\d+(?:\.\d*)?)(ms|us|µs|ns|d|h|m|s)")

PERIODS: Mapping[str, Per] = {
    "second": "second",
    "minute": "minute",
    "min": "minute",
    "hour": "hour",
    "day": "day",
    "month": "month",
}
UNITS: Mapping[str, Unit] = {
    "requests": "requests",
    "req": "requests",
    "tokens": "tokens",
    "input-tokens": "input_tokens",
    "output-tokens": "output_tokens",
    "project-tokens": "tokens",
}
# What a name without a period means, where it is not a minute.
HABITS: Mapping[tuple[str, Unit], Per] = {
    ("groq", "requests"): "day",
    ("together", "requests"): "second",
    ("together", "tokens"): "second",
}
ANY_UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
NAMED = re.compile(rf"x-ratelimit-(limit|remaining|reset)-({ANY_UNIT})(?:-({'|'.join(PERIODS)}))?")
ANTHROPIC = re.compile(r"anthropic-ratelimit-(requests|tokens|input-tokens|output-tokens)-(limit|remaining|reset)")
BY_SIZE = re.compile(r"(?:x-)?ratelimitbysize-(limit|remaining|reset)(?:-(minute|month))?")
BARE = re.compile(r"(?:x-)?ratelimit-(limit|remaining|reset)(?:-(second|minute|hour|day|month))?")
WINDOW = re.compile(r"\bw=(\d+)")
COHERE: Mapping[str, tuple[str, Per]] = {
    "x-trial-endpoint-call-limit": ("limit", "minute"),
    "x-trial-endpoint-call-remaining": ("remaining", "minute"),
    "x-endpoint-monthly-call-limit": ("limit", "month"),
    "x-endpoint-monthly-call-remaining": ("remaining", "month"),
}
Slot = tuple[Unit, Per | None]


def read(
    provider_id: str, status: int, headers: Mapping[str, str], body: bytes | str | Any, now: datetime
) -> list[RateLimitReading]:
    """All that a reply says, the headers first. `headers` in lower case; `body` matters only in a refusal."""
    refused = status >= 400
    parsed = _json(body) if refused else None
    inner = refusals.inner_headers(parsed)
    bare_per = refusals.period_named(parsed)
    readings = [*of_headers(provider_id, {**inner, **headers}, now, refused=refused, bare_per=bare_per)]
    if refused:
        readings += refusals.read(status, parsed, now)
    return readings


def of_headers(
    provider_id: str, headers: Mapping[str, str], now: datetime, *, refused: bool = False, bare_per: Per | None = None
) -> list[RateLimitReading]:
    """What the headers of one reply say. `bare_per` is the period that a refusal's text gives to a header without
    one."""
    fields: dict[Slot, dict[str, str]] = defaultdict(dict)
    for name, value in headers.items():
        slot = _slot(name)
        if slot:
            fields[slot[:2]].setdefault(slot[2], value)
    server_now = _server_clock(headers, now)
    window = WINDOW.search(f"{headers.get('ratelimit-limit', '')} {headers.get('ratelimit-policy', '')}")
    bare_per = _by_distance(float(window[1])) if window else bare_per
    readings = [_reading(provider_id, slot, values, server_now, bare_per) for slot, values in fields.items()]
    readings += list(_policy(headers, server_now))
    return [_in_our_time(reading, now - server_now) for reading in readings if _is_informative(reading, refused)]


def _server_clock(headers: Mapping[str, str], now: datetime) -> datetime:
    """The provider's clock: resets written as instants follow it, and it may be minutes off ours."""
    server_date = _date(headers.get("date", ""))
    return server_date if server_date and SAME_TIME < abs(server_date - now) < FARTHEST else now


def _in_our_time(reading: RateLimitReading, offset: timedelta) -> RateLimitReading:
    return replace(reading, resets_at=reading.resets_at + offset) if reading.resets_at and offset else reading


def _slot(name: str) -> tuple[Unit, Per | None, str] | None:
    """Unit, period (None: not in the name) and which of the three numbers a header carries."""
    if name in COHERE:
        field, per = COHERE[name]
        return "requests", per, field
    if match := NAMED.fullmatch(name):
        return UNITS[match[2]], PERIODS.get(match[3] or ""), match[1]
    if match := ANTHROPIC.fullmatch(name):
        return UNITS[match[1]], "minute", match[2]
    if match := BY_SIZE.fullmatch(name):
        return "tokens", PERIODS[match[2] or "minute"], match[1]
    if match := BARE.fullmatch(name.replace("x-rate-limit-", "x-ratelimit-")):
        return "requests", PERIODS.get(match[2] or ""), match[1]
    return None


def _reading(
    provider_id: str, slot: Slot, values: Mapping[str, str], now: datetime, bare_per: Per | None
) -> RateLimitReading:
    unit, per = slot
    size = values.get("limit", "")
    limit = count(re.split(r"[,;]", size)[0] if ";" in size else size)  # "10, 10;w=60": the limit, then its policy
    remaining = count(values.get("remaining"))
    resets_at = reset_at(values.get("reset"), now)
    if limit is not None and remaining is not None:
        remaining = min(limit, remaining)
    if per is None:
        period = bare_per or _by_bucket(limit, remaining, values.get("reset"), resets_at, now)
        per = period or HABITS.get((provider_id, unit), "minute")
    return RateLimitReading(unit, per, limit, remaining, resets_at)


def _by_bucket(
    limit: Decimal | None, remaining: Decimal | None, reset: str | None, resets_at: datetime | None, now: datetime
) -> Per | None:
    """The period of a bucket that refills: the missing part comes back in `reset`, the whole in one period.

    An instant instead of a duration ends a fixed window; its period is the shortest that reaches that instant.
    """
    if resets_at is None or not reset:
        return None
    ahead = (resets_at - now).total_seconds()
    if not PART.match(reset.strip()):
        return _by_distance(ahead) if _epoch(reset) or _date(reset) else None
    if limit is None or remaining is None or limit <= remaining or ahead <= 0:
        return None
    whole_s = ahead * float(limit) / float(limit - remaining)
    return next((per for per, length in LENGTH.items() if 0.75 < whole_s / length.total_seconds() < 1.34), None)


def _by_distance(ahead_s: float) -> Per:
    return next((per for per, length in LENGTH.items() if ahead_s <= length.total_seconds() + 1), "month")


def _policy(headers: Mapping[str, str], now: datetime) -> Iterator[RateLimitReading]:
    """`ratelimit: "api";r=497;t=68` beside `ratelimit-policy: "fixed window";"api";q=1000;w=300`, each of several with
    its own, and the older draft's `ratelimit: limit=10, remaining=0, reset=30` beside `ratelimit-policy: 10;w=60`.
    """
    line, policies = headers.get("ratelimit", ""), _items(headers.get("ratelimit-policy", ""))
    old = dict(re.findall(r"\b(limit|remaining|reset)=(\d+)", line))
    if "remaining" in old:
        quotas = [("", {"q": old.get("limit"), "r": old["remaining"], "t": old.get("reset")})]
    else:
        quotas = [(name, left) for name, left in _items(line) if "r" in left]
    for name, left in quotas:
        whole = {**left, **(dict(policies).get(name) or (policies[0][1] if policies else {}))}
        period_s = float(whole.get("w") or left.get("t") or "60")
        unit = UNITS.get(str(whole.get("qu")), "requests")
        resets_at = reset_at(left.get("t"), now)
        yield RateLimitReading(unit, _by_distance(period_s), count(whole.get("q")), count(left["r"]), resets_at)


def _items(line: str) -> list[tuple[str, dict[str, str | None]]]:
    """The items of a structured header by their names, each with its parameters; a bare number is a quota."""
    items: list[tuple[str, dict[str, str | None]]] = []
    for item in line.split(","):
        parameters: dict[str, str | None] = dict(re.findall(r'\b([a-z]+)="?(\w+)"?', item))
        heads = [part.strip(' "') for part in item.split(";") if "=" not in part]
        if heads and heads[-1].isdigit():
            parameters["q"] = heads[-1]
        items.append((heads[-1] if heads and not heads[-1].isdigit() else "", parameters))
    return items


def _is_informative(reading: RateLimitReading, refused: bool) -> bool:
    """Whether it tells anything. "0 of 0 left" with a successful answer means that the call was not counted."""
    if reading.limit == 0 and not refused:
        return False
    return reading.limit is not None or reading.remaining is not None


def count(text: object) -> Decimal | None:
    """A whole number of 0 or more; None for anything else and for "no limit". Negative numbers become 0."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    try:
        number = Decimal(str(text).strip().replace(",", ""))
    except InvalidOperation:
        return None
    if not number.is_finite() or number >= UNLIMITED:
        return None
    return max(number, Decimal(0)).to_integral_value("ROUND_FLOOR")


def reset_at(text: object, now: datetime) -> datetime | None:
    """The instant in `6ms`, `1m30s`, `24483.58`, an RFC 3339 or HTTP date, or an epoch in seconds or milliseconds."""
    value = str(text).strip() if isinstance(text, str | int | float) and not isinstance(text, bool) else ""
    seconds = duration_s(value)
    moment: datetime | None = None
    if seconds is not None and _epoch(value):
        seconds = (seconds / 1000 if seconds > 1e11 else seconds) - now.timestamp()
    elif seconds is None and value:
        moment = _date(value)
        seconds = None if moment is None else (moment - now).total_seconds()
    if seconds is None or not math.isfinite(seconds) or seconds > FARTHEST.total_seconds():
        return None
    return moment if moment and seconds > 0 else now + timedelta(seconds=max(seconds, 0.0))


def duration_s(text: str) -> float | None:
    """Seconds in `6ms`, `8.64s`, `1m30s`, `2m59.56s` or the bare `24483.58`."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d*)?", text):
        return float(text)
    if not re.fullmatch(rf"(?:{PART.pattern})+", text):
        return None
    return sum(float(number) * SECONDS[unit] for number, unit in PART.findall(text))


def _epoch(text: str) -> bool:
    return bool(re.fullmatch(r"\d{10,14}(?:\.\d*)?", text.strip()))


def _date(text: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _json(body: Any) -> Any:
    if isinstance(body, bytes | str):
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return body.decode("utf-8", "replace") if isinstance(body, bytes) else body
    return body
