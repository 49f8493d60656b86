"""What a refusal's body says about limits: which one is used up, how large it is, when it resets.

Known shapes come first (Gemini's violations, OpenRouter's metadata, codes), then the sentences that name numbers.
A refusal that speaks of the provider's own trouble (capacity, another provider behind a gateway) says nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ..records import NOTHING, Per, RateLimitReading, Unit

ZERO = Decimal(0)
PERIODS: Mapping[str, Per] = {
    "second": "second",
    "sec": "second",
    "minute": "minute",
    "min": "minute",
    "hour": "hour",
    "day": "day",
    "month": "month",
}
PERIOD = r"(second|sec|minute|min|hour|day|month)"
SIZE = r"\d+(?:,\d{3})*"
CODES: Mapping[str, tuple[Unit, Per]] = {
    "1303": ("requests", "minute"),
    "1304": ("requests", "day"),
    "11201": ("requests", "day"),
    "11202": ("requests", "second"),
    "3036": ("neurons", "day"),
    "4006": ("neurons", "day"),
    "rpm_rate_limit_exceeded": ("requests", "minute"),
    "tpm_rate_limit_exceeded": ("tokens", "minute"),
}
# "on tokens per day (TPD): Limit 100000, Used 99922, Requested 710."; a request too large for its minute has no "Used".
COUNTED = re.compile(
    rf"on (?P<unit>input tokens|output tokens|tokens|requests) per {PERIOD}[^:]{{0,20}}:\s*Limit:? (?P<limit>{SIZE})"
    rf"(?:,\s*Used:? (?P<used>{SIZE}))?",
    re.IGNORECASE,
)
MODEL = re.compile(r"for model `([^`\s]{1,200})`")
OF_SIZE = re.compile(rf"({SIZE}) (input tokens|output tokens|tokens|requests) per {PERIOD}", re.IGNORECASE)
CALLS = re.compile(rf"limited to ({SIZE}) API calls ?/ ?{PERIOD}", re.IGNORECASE)
NEURONS = re.compile(rf"allocation of ({SIZE}) neurons", re.IGNORECASE)
BARELY = re.compile(rf"\b(tokens|requests) per {PERIOD}", re.IGNORECASE)
CREDITS = re.compile(r"exceeded your (monthly) included credits", re.IGNORECASE)


def read(status: int, body: Any, now: datetime) -> list[RateLimitReading]:
    """What the parsed body (or its text) of a reply with this status says."""
    error = _error(body)
    text = _text(body, error)
    if "provider returned error" in text.lower():
        return []
    for candidates in (_violations(error, now), _by_code(status, error, text), _by_words(status, text)):
        readings = list(candidates)
        if readings:
            return readings
    return []


def inner_headers(body: Any) -> dict[str, str]:
    """The headers that OpenRouter repeats in the body, in lower case."""
    headers = _fields(_fields(_error(body).get("metadata")).get("headers"))
    return {str(name).lower(): str(value) for name, value in headers.items()}


def period_named(body: Any) -> Per | None:
    """The period that OpenRouter's `free-models-per-day` names."""
    match = re.search(r"free-models-per-(min|day)", _text(body, _error(body)))
    return PERIODS[match[1]] if match else None


def _violations(error: Mapping[str, Any], now: datetime) -> Iterator[RateLimitReading]:
    """Gemini: the quota's id tells unit and period. Its `retryDelay` is short even when the day is spent."""
    details = [_fields(detail) for detail in _items(error.get("details"))]
    delay = next((_delay(detail.get("retryDelay")) for detail in details if "retryDelay" in detail), None)
    for violation in (_fields(item) for detail in details for item in _items(detail.get("violations"))):
        name = str(violation.get("quotaId", ""))
        match = re.search(r"Per(Second|Minute|Hour|Day|Month)", name)
        if match is None:
            continue
        tokens = "token" in f"{name} {violation.get('quotaMetric', '')}".lower()
        per = PERIODS[match[1].lower()]
        resets_at = now + delay if delay and per in ("second", "minute") else None
        model = _fields(violation.get("quotaDimensions")).get("model")
        yield RateLimitReading(
            "tokens" if tokens else "requests",
            per,
            _number(violation.get("quotaValue")),
            ZERO,
            resets_at,
            "error",
            model if isinstance(model, str) else None,
        )


def _by_code(status: int, error: Mapping[str, Any], text: str) -> Iterator[RateLimitReading]:
    code = str(error.get("code", ""))
    if code in CODES and (status == 429 or code.isdigit()):
        unit, per = CODES[code]
        sized = NEURONS.search(text)
        yield RateLimitReading(
            unit, per, _number(sized[1]) if sized and unit == "neurons" else None, ZERO, None, "error"
        )


def _by_words(status: int, text: str) -> Iterator[RateLimitReading]:
    if status not in (402, 413, 429):
        return
    if match := COUNTED.search(text):
        limit, used = _number(match["limit"]), _number(match["used"])
        left = None if limit is None or used is None else max(limit - used, ZERO)
        model = MODEL.search(text)
        yield RateLimitReading(
            _unit(match["unit"]), PERIODS[match[2].lower()], limit, left, None, "error", model and model[1]
        )
    elif match := CALLS.search(text):
        yield RateLimitReading("requests", PERIODS[match[2].lower()], _number(match[1]), ZERO, None, "error")
    elif match := OF_SIZE.search(text):
        left = ZERO if status == 429 else None
        yield RateLimitReading(_unit(match[2]), PERIODS[match[3].lower()], _number(match[1]), left, None, "error")
    elif CREDITS.search(text):
        yield RateLimitReading("usd", "month", None, ZERO, None, "error")
    elif status == 429 and (match := BARELY.search(text)):
        yield RateLimitReading(_unit(match[1]), PERIODS[match[2].lower()], None, ZERO, None, "error")


def _unit(words: str) -> Unit:
    units: Mapping[str, Unit] = {"input tokens": "input_tokens", "output tokens": "output_tokens", "tokens": "tokens"}
    return units.get(words.lower(), "requests")


def _error(payload: Any) -> Mapping[str, Any]:
    body = _fields(payload[0] if isinstance(payload, list) and payload else payload)
    rows = _items(body.get("errors"))
    return _fields(body.get("error")) or _fields(rows[0] if rows else None) or body


def _text(payload: Any, error: Mapping[str, Any]) -> str:
    if isinstance(payload, str):
        return payload[:4000]
    message = error.get("message", error.get("error"))
    return message[:4000] if isinstance(message, str) else ""


def _delay(value: object) -> timedelta | None:
    if isinstance(value, dict):
        value = f"{value.get('seconds', '')}s"
    match = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)s", value) if isinstance(value, str) else None
    return timedelta(seconds=float(match[1])) if match else None


def _number(value: object) -> Decimal | None:
    text = str(value).replace(",", "") if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return Decimal(text) if re.fullmatch(r"\d{1,15}", text) else None


def _fields(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else NOTHING


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
