"""What providers say: every dialect in its own words, and the recorded replies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from core.providers import rate_limit_headers
from core.providers.limits import LENGTH
from core.records import RateLimitReading

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RECORDINGS = Path(__file__).parents[2] / "../shared/recordings"
Row = tuple[str, str, int | None, int | None, float | None]


def rows(readings: list[RateLimitReading]) -> set[Row]:
    """Unit, period, limit, remaining, seconds to the reset."""

    def whole(number: Decimal | None) -> int | None:
        return None if number is None else int(number)

    return {
        (
            s.unit,
            s.per,
            whole(s.limit),
            whole(s.remaining),
            (s.resets_at - NOW).total_seconds() if s.resets_at else None,
        )
        for s in readings
    }


def group(prefix: str, unit: str, limit: str, remaining: str, reset: str) -> dict[str, str]:
    return {f"{prefix}-limit-{unit}": limit, f"{prefix}-remaining-{unit}": remaining, f"{prefix}-reset-{unit}": reset}


X = "x-ratelimit"
HEADERS: list[tuple[str, dict[str, str], set[Row]]] = [
    (
        "openai",
        group(X, "requests", "5000", "4999", "12ms") | group(X, "tokens", "4000000", "3999992", "0s"),
        {("requests", "minute", 5000, 4999, 0.012), ("tokens", "minute", 4_000_000, 3_999_992, 0)},
    ),
    ("openai", group(X, "requests", "10000", "9999", "8.64s"), {("requests", "day", 10_000, 9_999, 8.64)}),
    ("openai", group(X, "project-tokens", "9000", "8000", "1m30s"), {("tokens", "minute", 9000, 8000, 90)}),
    (
        "azure",
        group(X, "requests", "120", "119", "10") | {"x-ratelimit-remaining-tokens": "119984"},
        {("requests", "minute", 120, 119, 10), ("tokens", "minute", None, 119_984, None)},
    ),
    (
        "groq",
        group(X, "requests", "1000", "990", "14m24s") | group(X, "tokens", "8000", "2910", "17.42s"),
        {("requests", "day", 1000, 990, 864), ("tokens", "minute", 8000, 2910, 17.42)},
    ),
    ("groq", group(X, "requests", "1000", "1000", "2m59.56s"), {("requests", "day", 1000, 1000, 179.56)}),
    (
        "anthropic",
        {
            "anthropic-ratelimit-requests-limit": "50",
            "anthropic-ratelimit-requests-remaining": "49",
            "anthropic-ratelimit-requests-reset": "2026-11-22T12:00:30Z",
            "anthropic-ratelimit-input-tokens-limit": "40000",
            "anthropic-ratelimit-input-tokens-remaining": "0",
            "anthropic-ratelimit-input-tokens-reset": "2026-11-22T13:01:00+01:00",
        },
        {("requests", "minute", 50, 49, 30), ("input_tokens", "minute", 40_000, 0, 60)},
    ),
    (
        "cerebras",
        group(X, "requests-day", "14400", "14393", "24479.5") | group(X, "tokens-minute", "60000", "60000", "59.5"),
        {("requests", "day", 14_400, 14_393, 24_479.5), ("tokens", "minute", 60_000, 60_000, 59.5)},
    ),
    (
        "mistral",
        {
            "x-ratelimit-limit-req-minute": "4",
            "x-ratelimit-remaining-req-minute": "3",
            "x-ratelimit-remaining-tokens-month": "999891",
            "x-ratelimit-tokens-query-cost": "109",
            "ratelimitbysize-limit": "500000",
            "ratelimitbysize-remaining": "499000",
            "ratelimitbysize-reset": "37",
        },
        {
            ("requests", "minute", 4, 3, None),
            ("tokens", "month", None, 999_891, None),
            ("tokens", "minute", 500_000, 499_000, 37),
        },
    ),
    (
        "cohere",
        {
            "x-trial-endpoint-call-limit": "20",
            "x-trial-endpoint-call-remaining": "19",
            "x-endpoint-monthly-call-limit": "1000",
        },
        {("requests", "minute", 20, 19, None), ("requests", "month", 1000, None, None)},
    ),
    (
        "together",
        {"x-ratelimit-limit": "10", "x-ratelimit-remaining": "19", "x-ratelimit-reset": "2"},
        {("requests", "second", 10, 10, 2)},
    ),
    (
        "huggingface",
        {"ratelimit": '"api";r=497;t=68', "ratelimit-policy": '"fixed window";"api";q=1000;w=300'},
        {("requests", "hour", 1000, 497, 68)},
    ),
    (
        "huggingface",
        {"x-ratelimit-remaining-tokens-day": "9223372036854767616", "x-ratelimit-remaining-requests-hour": "9"},
        {("requests", "hour", None, 9, None)},
    ),
    (
        "sambanova",
        group(X, "requests", "20", "19", "60") | group(X, "requests-day", "20", "3", "4000"),
        {("requests", "minute", 20, 19, 60), ("requests", "day", 20, 3, 4000)},
    ),
    (
        "moonshot",
        {"x-ratelimit-limit": "3", "x-ratelimit-remaining": "2", "x-ratelimit-reset": "9"},
        {("requests", "minute", 3, 2, 9)},
    ),
    ("openai", group(X, "requests", "0", "0", "0s"), set()),
    ("openai", group(X, "requests", "many", "-4", "soon"), {("requests", "minute", None, 0, None)}),
    ("openai", group(X, "requests", "nan", "inf", "1e9"), set()),
]


@pytest.mark.parametrize(("provider", "headers", "expected"), HEADERS)
def test_headers(provider: str, headers: dict[str, str], expected: set[Row]) -> None:
    assert rows(rate_limit_headers.read(provider, 200, headers, b"", NOW)) == expected


def error(**fields: Any) -> dict[str, Any]:
    return {"error": fields}


MILLISECONDS = str(int((NOW + timedelta(seconds=44)).timestamp() * 1000))
GROQ = "Rate limit reached for model `m` in organization `o` service tier `on_demand` on "
BODIES: list[tuple[str, int, Any, set[Row]]] = [
    (
        "gemini",
        429,
        error(
            details=[
                {
                    "violations": [
                        {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "20"},
                        {"quotaId": "GenerateContentInputTokensPerModelPerMinute-FreeTier"},
                    ]
                },
                {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "48.5s"},
            ]
        ),
        {("requests", "day", 20, 0, None), ("tokens", "minute", None, 0, 48.5)},
    ),
    (
        "groq",
        429,
        error(message=GROQ + "tokens per day (TPD): Limit 100000, Used 99922, Requested 710. Please try again in 9m6s"),
        {("tokens", "day", 100_000, 78, None)},
    ),
    (
        "groq",
        413,
        error(
            message=GROQ + "tokens per minute (TPM): Limit 6000, Requested 12328, please reduce",
            code="rate_limit_exceeded",
        ),
        {("tokens", "minute", 6000, None, None)},
    ),
    (
        "openai",
        429,
        error(message="Rate limit reached for gpt-4 on requests per min (RPM): Limit 3, Used 3, Requested 1."),
        {("requests", "minute", 3, 0, None)},
    ),
    (
        "anthropic",
        429,
        error(message="This would exceed the rate limit for your organization of 40,000 input tokens per minute."),
        {("input_tokens", "minute", 40_000, 0, None)},
    ),
    (
        "openrouter",
        429,
        error(
            code=429,
            message="Rate limit exceeded: free-models-per-day. Add 10 credits",
            metadata={
                "headers": {"X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": MILLISECONDS}
            },
        ),
        {("requests", "day", 50, 0, 44)},
    ),
    ("openrouter", 429, error(code=429, message="Provider returned error", metadata={"raw": "tokens per day"}), set()),
    (
        "cohere",
        429,
        {"message": "You are using a Trial key, which is limited to 1000 API calls / month."},
        {("requests", "month", 1000, 0, None)},
    ),
    (
        "cloudflare",
        429,
        {"errors": [{"code": 4006, "message": "used up your daily free allocation of 10,000 neurons, upgrade"}]},
        {("neurons", "day", 10_000, 0, None)},
    ),
    (
        "huggingface",
        402,
        {"error": "You have exceeded your monthly included credits"},
        {("usd", "month", None, 0, None)},
    ),
    ("zhipu", 429, error(code="1304", message="今日调用次数限额"), {("requests", "day", None, 0, None)}),
    ("zhipu", 429, error(code="1302", message="并发"), set()),
    ("qianfan", 429, error(code="tpm_rate_limit_exceeded", message="x"), {("tokens", "minute", None, 0, None)}),
    (
        "cerebras",
        429,
        {"message": "Tokens per hour limit exceeded"},
        {("tokens", "hour", None, 0, None)},
    ),
    ("cerebras", 429, {"message": "high traffic", "code": "queue_exceeded"}, set()),
    (
        "mistral",
        429,
        {"message": "Service tier capacity exceeded for this model.", "code": "3505"},
        set(),
    ),
    ("nvidia", 429, {"status": 429, "title": "Too Many Requests"}, set()),
    ("any", 500, error(message="limited to 1000 API calls / month"), set()),
    ("any", 429, b"\xff<html>Too many requests per minute</html>", {("requests", "minute", None, 0, None)}),
    ("any", 429, "[[[[", set()),
    ("any", 429, [[]], set()),
    ("any", 429, {"error": {"message": {}, "details": [None, {"violations": [3]}], "metadata": []}}, set()),
]


@pytest.mark.parametrize(("provider", "status", "body", "expected"), BODIES)
def test_bodies(provider: str, status: int, body: Any, expected: set[Row]) -> None:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    readings = rate_limit_headers.read(provider, status, {}, sent, NOW)
    assert rows(readings) == expected


def test_a_body_tells_its_source_and_model() -> None:
    violation = {"quotaId": "GenerateRequestsPerDayPerModel", "quotaDimensions": {"model": "gemini-flash"}}
    (reading,) = rate_limit_headers.read("gemini", 429, {}, error(details=[{"violations": [violation]}]), NOW)
    assert (reading.source, reading.model) == ("error", "gemini-flash")


def test_openrouters_own_headers_and_those_in_its_body_are_one() -> None:
    headers = {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "0", "x-ratelimit-reset": MILLISECONDS}
    body = error(message="Rate limit exceeded: free-models-per-min. ", metadata={"headers": headers})
    assert rows(rate_limit_headers.read("openrouter", 429, headers, body, NOW)) == {("requests", "minute", 20, 0, 44)}
    assert rows(rate_limit_headers.read("openrouter", 429, headers, b"", NOW)) == {("requests", "minute", 20, 0, 44)}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6ms", 0.006),
        ("8.64s", 8.64),
        ("1m30s", 90),
        ("2m59.56s", 179.56),
        ("24483.58", 24_483.58),
        ("1h", 3600),
        ("1d2h", 93_600),
        ("2026-11-22T12:00:10Z", 10),
        ("2026-11-22T12:00:10", 10),
        ("Sun, 22 Nov 2026 12:00:10 GMT", 10),
        (str(int(NOW.timestamp()) + 10), 10),
        (str(int(NOW.timestamp() + 10) * 1000), 10),
        ("2020-01-01T00:00:00Z", 0),
        ("9999-01-01T00:00:00Z", None),
        ("99999999", None),
        ("-5", None),
        ("", None),
        ("later", None),
    ],
)
def test_resets(text: str, seconds: float | None) -> None:
    reset = rate_limit_headers.reset_at(text, NOW)
    assert (None if reset is None else (reset - NOW).total_seconds()) == pytest.approx(seconds)


@pytest.mark.parametrize("off_s", [-300, -3, 0, 300])
def test_an_instant_is_by_the_clock_of_the_provider_that_wrote_it(off_s: int) -> None:
    provider_clock = NOW + timedelta(seconds=off_s)
    headers = {
        "anthropic-ratelimit-requests-limit": "5",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": (provider_clock + timedelta(seconds=30)).isoformat(),
        "x-ratelimit-limit-tokens": "5",
        "x-ratelimit-reset-tokens": "7s",
        "date": format_datetime(provider_clock, usegmt=True),
    }
    resets = {
        reading.unit: reading.resets_at for reading in rate_limit_headers.read("anthropic", 200, headers, b"", NOW)
    }
    assert resets == {"requests": NOW + timedelta(seconds=30), "tokens": NOW + timedelta(seconds=7)}


@pytest.mark.parametrize("date", ["", "soon", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +1400"])
def test_a_date_that_cannot_be_is_no_clock(date: str) -> None:
    headers = {"x-ratelimit-limit-requests": "5", "x-ratelimit-reset-requests": "2026-11-22T12:00:10Z", "date": date}
    (reading,) = rate_limit_headers.read("acme", 200, headers, b"", NOW)
    assert reading.resets_at == NOW + timedelta(seconds=10)


def test_every_recorded_reply_says_only_what_can_be() -> None:
    if not RECORDINGS.exists():
        pytest.skip("the shared recordings are not here")
    spoke = set()
    for path in sorted(RECORDINGS.glob("*/*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        reply = record.get("response", {})
        headers = {name.lower(): str(value) for name, value in (reply.get("headers") or {}).items()}
        readings = rate_limit_headers.read(
            record["provider"], reply.get("status", 200), headers, reply.get("body_text") or b"", NOW
        )
        for reading in readings:
            spoke.add(record["provider"])
            assert reading.per in LENGTH
            assert reading.limit is None or reading.remaining is None or 0 <= reading.remaining <= reading.limit
    assert spoke >= {"anthropic", "azure", "cerebras", "cohere", "groq", "mistral", "openai", "openrouter", "together"}
    assert spoke >= {"gemini", "cloudflare", "huggingface"}


@pytest.mark.parametrize(
    "headers",
    [
        {"ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "30"},
        {"ratelimit-limit": "10, 10;w=60", "ratelimit-remaining": "0", "ratelimit-reset": "30"},
        {"ratelimit": "limit=10, remaining=0, reset=30"},
        {"ratelimit": "remaining=0, reset=30", "ratelimit-policy": "10;w=60"},
        {"ratelimit": '"default";r=0;t=30', "ratelimit-policy": '"default";q=10;w=60'},
    ],
)
def test_each_draft_of_the_standard_headers_is_read(headers: dict[str, str]) -> None:
    (reading,) = rate_limit_headers.read("any", 429, headers, b"", NOW)
    assert (reading.unit, reading.per, reading.limit, reading.remaining) == ("requests", "minute", 10, 0)
    assert reading.resets_at == NOW + timedelta(seconds=30)


POLICY = {"ratelimit-policy": '"perminute";q=100;w=60, "perday";q=1000;w=86400'}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"ratelimit-limit": "100, 100;w=3600", "ratelimit-remaining": "7", "ratelimit-reset": "1800"},
            {("requests", "hour", 100, 7)},
        ),
        (
            {"ratelimit-limit": "100", "ratelimit-policy": "100;w=3600", "ratelimit-remaining": "7"},
            {("requests", "hour", 100, 7)},
        ),
        (
            {"ratelimit": '"perminute";r=7;t=30, "perday";r=900;t=40000', **POLICY},
            {("requests", "minute", 100, 7), ("requests", "day", 1000, 900)},
        ),
        (
            {"ratelimit": '"tok";r=5000;t=30', "ratelimit-policy": '"tok";q=10000;w=60;qu="tokens"'},
            {("tokens", "minute", 10000, 5000)},
        ),
        ({"ratelimit": "default;r=7", "ratelimit-policy": "default;q=100;w=60"}, {("requests", "minute", 100, 7)}),
        ({"x-rate-limit-limit": "100", "x-rate-limit-remaining": "7"}, {("requests", "minute", 100, 7)}),
        ({"x-ratelimit-limit-hour": "600", "x-ratelimit-remaining-hour": "50"}, {("requests", "hour", 600, 50)}),
        (
            {
                "ratelimit-limit": "100",
                "ratelimit-remaining": "7",
                "ratelimit-reset": f"{NOW + timedelta(minutes=30):%a, %d %b %Y %H:%M:%S GMT}",
            },
            {("requests", "hour", 100, 7)},
        ),
    ],
)
def test_every_draft_of_the_headers_is_read_with_its_own_window(
    headers: dict[str, str], expected: set[tuple[str, str, int, int]]
) -> None:
    readings = rows(rate_limit_headers.read("elsewhere", 200, headers, b"", NOW))
    assert {row[:4] for row in readings} == expected
