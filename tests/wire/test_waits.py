"""When to come back, from headers and bodies of every dialect."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from core.wire.failure.instants import ahead_s
from core.wire.failure.spans import duration_s
from tests.wire.refusals import NOW, RETRY_INFO, error, read


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        ({"retry_after": "16"}, 16.0),
        ({"retry_after": "1.5"}, 1.5),
        ({"retry_after": "Sun, 22 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry_after": "Sun, 22 Nov 2026 11:00:00 GMT"}, None),
        ({"retry_after": "Sun, 22 Nov 2026 11:00:30 GMT", "date": "Sun, 22 Nov 2026 11:00:00 GMT"}, 30.0),
        ({"retry_after": "Sun, 22 Nov 2026 12:00:30 GMT", "date": "today"}, 30.0),
        ({"retry_after_ms": "250", "retry_after": "9"}, 0.25),
        ({"x_ms_retry_after_ms": "1500"}, 1.5),
        ({"retry_after_ms": "0", "retry_after": "1"}, 1.0),
        ({"retry_after": "0"}, 0.0),
        ({"retry_after": "1m30s"}, 90.0),
        ({"retry_after": "-5"}, None),
        ({"retry_after": "nan"}, None),
        ({"retry_after": "inf"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "9999999"}, 86_400.0),
        ({"x_ratelimit_reset": str(int(NOW.timestamp() * 1000) + 45_000)}, 45.0),
        ({"x_ratelimit_reset": str(int(NOW.timestamp()) + 45)}, 45.0),
        ({"x_ratelimit_reset": "2"}, None),
        ({"retry_after": "2026-11-22T12:00:30Z"}, 30.0),
        ({"ratelimit_reset": "30"}, 30.0),
        ({"ratelimit": "limit=10, remaining=0, reset=30"}, 30.0),
        ({"ratelimit": '"default";r=0;t=30'}, 30.0),
        ({"ratelimit": '"default";r=5;t=30'}, None),
        ({"ratelimit": '"a";r=5;t=3, "b";r=0;t=60'}, 60.0),
        ({"ratelimit_reset": str(int(NOW.timestamp()) + 60)}, 60.0),
        ({"x_ratelimit_reset_after": "60"}, 60.0),
        ({"x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "1m0s"}, 60.0),
        ({"x_ratelimit_remaining_requests": "4", "x_ratelimit_reset_requests": "1m0s"}, None),
        ({"retry_after": str(int(NOW.timestamp()) + 60)}, 60.0),
        ({"retry_after": "60 seconds"}, 60.0),
        ({"retry_after": "2026-11-22T20:01:00+08:00"}, 60.0),
        ({}, None),
        # written by two servers, as a clock, under other names, as a share
        ({"retry_after": "30, 30"}, 30.0),
        ({"retry_after": "00:00:30"}, 30.0),
        ({"retry_after_seconds": "30"}, 30.0),
        ({"x_retry_after_seconds": "30"}, 30.0),
        ({"x_ratelimit_retryafter": "30"}, 30.0),
        ({"anthropic_ratelimit_unified_reset": str(int(NOW.timestamp()) + 30)}, 30.0),
        ({"x_codex_primary_used_percent": "100", "x_codex_primary_reset_after_seconds": "471"}, 471.0),
        ({"x_codex_primary_used_percent": "80", "x_codex_primary_reset_after_seconds": "471"}, None),
        ({"ratelimit": '"default";r=0', "ratelimit_policy": '"default";q=10;w=60'}, 60.0),
        ({"ratelimit": '"default";r=3', "ratelimit_policy": '"default";q=10;w=60'}, None),
    ],
)
def test_the_wish_is_read_from_headers(headers: dict[str, str], wish: float | None) -> None:
    assert read(429, "", **headers).retry_after_s == wish


@pytest.mark.parametrize(
    ("status", "body", "wish"),
    [
        (429, error("Please retry in 48.9s.", details=[RETRY_INFO]), 48.0),
        (429, error(details=[{"@type": "x.RetryInfo", "retryDelay": {"seconds": 7}}]), 7.0),
        (429, error("Please retry in 48.9s."), 48.9),
        (429, error("Please try again in 9m6.048s. Need more tokens?"), 546.048),
        (429, error("Please try again in 6ms."), 0.006),
        (429, error("Please retry after 12 seconds."), 12.0),
        (429, error("Try again in 2 minutes"), 120.0),
        (429, error("Please try again in 2 minutes and 30 seconds."), 150.0),
        (429, error("wait 1 hour, 5 minutes and 1 second"), 3_901.0),
        (429, error("Please retry your request after 20s"), 20.0),
        (429, error("quota exhausted, resets in 1 hour"), 3_600.0),
        (429, error("请求过于频繁，请在 30 秒后重试"), 30.0),
        (429, error("请等待 1 分 30 秒"), 90.0),
        (429, error("2 小时后恢复"), 7_200.0),
        (429, error("您的限额将在 2026-11-22 22:41:44 重置。", code="1308"), 9_704.0),
        (429, error("Your limit will reset at 2026-11-22 22:41:44", code="1308"), 9_704.0),
        (429, error("Your limit will reset at 2026-11-22 12:00:44"), 44.0),
        (429, error("It will reset at 2026-11-22 22:00:00 +0800 CST."), 7_200.0),
        (429, error("limit reached (0/0 used), resets at 2026-11-22T15:00:00Z (2056)"), 10_800.0),
        (429, error("resets at 2026-99-99 00:00:00"), None),
        (429, error("Your limit will reset at 2026-11-22 22:00:00 (UTC+8)"), 7_200.0),
        (429, error("将于2026年11月22日 22:00 重置"), 7_200.0),
        (429, error("配额将于北京时间 2026-11-22 22:00:00 恢复"), 7_200.0),
        (429, error("resets at 2:00 PM UTC"), 7_200.0),
        (429, error("Try again after Sun, 22 Nov 2026 14:00:00 GMT"), 7_200.0),
        (429, error(f"Rate limit resets at {int(NOW.timestamp()) + 60}"), 60.0),
        (429, error("Try again in one minute."), 60.0),
        (429, error("请一分钟后再试"), 60.0),
        (429, error("请半小时后再试"), 1_800.0),
        (429, error("每分钟最多请求 10 次，请 1 分钟后再试"), 60.0),
        (429, error("请稍后 30s 再试"), 30.0),
        (429, error("retry_after=12s"), 12.0),
        (429, error("Your quota resets every 5 hours"), None),
        (429, error("You can make 10 requests per 60 seconds"), None),
        (429, error("下周一恢复"), None),
        (429, {"message": "x", "parameters": {"retry_after": 60}}, 60.0),
        (429, error(reset=int(NOW.timestamp()) + 60), 60.0),
        (429, error(resetTime="2026-11-22T12:01:00Z"), 60.0),
        (429, error(retryAfter=15), 15.0),
        (429, error(resets_at=int(NOW.timestamp()) + 60), 60.0),
        (429, {"detail": "slow", "reset_at": "2026-11-22T12:00:10Z"}, 10.0),
        (429, error("retry in a while"), None),
        (503, {"error": "Model x is currently loading", "estimated_time": 12.5}, 12.5),
        (503, {"error": "Model x is currently loading", "estimated_time": 180.0}, 20.0),
        (429, error(metadata={"headers": {"X-RateLimit-Reset": str(int(NOW.timestamp() * 1000) + 9_000)}}), 9.0),
        (429, error(metadata={"raw": "Please retry in 3s"}), 3.0),
        # in other words
        (429, error("Rate limit exceeded. Retry-After: 17"), 17.0),
        (429, error("Please retry in 00:01:30"), 90.0),
        (429, error("cooldown: 45 seconds remaining"), 45.0),
        (429, error("12 seconds left before next request"), 12.0),
        (429, error("Slow down for two minutes, then retry in two minutes"), 120.0),
        (429, error("剩余等待时间：45秒"), 45.0),
        (429, error("冷却时间 60 秒"), 60.0),
        (429, error("十五分钟后再试"), 900.0),
        (429, error("请二十秒后重试"), 20.0),
        (429, error("next request allowed in 3.2s"), 3.2),
        (429, error("retry-after-ms: 500"), 0.5),
        (429, error("time remaining: 00:12:30"), 750.0),
        (429, error("您可以在 2小时15分 后继续使用"), 8_100.0),
        (429, error("30秒後に再試行してください"), 30.0),
        (429, error("20초 후에 다시 시도하세요"), 20.0),
        (429, error("Bitte versuchen Sie es in 30 Sekunden erneut"), 30.0),
        (429, error("Réessayez dans 30 secondes"), 30.0),
        (429, error("Resets on Nov 22, 14:00 UTC"), 7_200.0),
        (429, error("resets Nov 22 at 2pm (UTC)"), 7_200.0),
        (429, error("请在下午9点后再试"), 3_600.0),
        (429, error("恢复时间 2026年11月22日21时30分"), 5_400.0),
        (429, error("You may 5 times retry"), None),
        (429, error("Only 10 requests allowed per 60 seconds"), None),
        (429, error("请于 2026-11-22 21:00:00 后重试"), 3_600.0),
        (500, error("Request timed out after 60 seconds"), None),
        # an instant, in the words and zones of people
        (429, error("Your limit resets at 3pm (America/New_York)."), 28_800.0),
        (429, error("Your limit will reset at 9pm (Asia/Shanghai)."), 3_600.0),
        (429, error("Your limit resets at 3pm."), None),
        (429, error(f"usage limit reached|{int(NOW.timestamp()) + 1_800}"), 1_800.0),
        (429, error("Your quota will reset on November 22, 2026 at 3:00 PM UTC"), 10_800.0),
        (429, error("try again at Nov 22nd, 2026 3:00 PM."), 10_800.0),
        (429, error("It will reset at 2026-11-22 06:00:00 PST"), 7_200.0),
        (429, error("Your quota will reset on 2026-11-23."), 43_200.0),
        (429, error("resets at midnight UTC"), 43_200.0),
        (429, error("resets at midnight Pacific time"), 72_000.0),
        (429, error("Your limit resets tomorrow at 00:00 UTC"), 43_200.0),
        (400, error("You will regain access on 2026-11-23 at 00:00 UTC."), 43_200.0),
        (429, error("额度将于明天 00:00 重置"), 14_400.0),
        (429, error("额度将于明日零点恢复"), 14_400.0),
        (429, error("将在今日24:00重置"), 14_400.0),
        (429, error("下次重置时间: 2026/11/22 21:00"), 3_600.0),
        (429, error("额度将在 11月22日 21:00 恢复"), 3_600.0),
        # in a body, by other names and further in
        (429, error(details={"retry_after": 30}), 30.0),
        (429, error(rate_limit={"reset_at": "2026-11-22T12:00:30Z"}), 30.0),
        (429, error(details=[{"metadata": {"quotaResetDelay": "2h14m36s"}}]), 8_076.0),
        (429, error(cooldown_seconds=20), 20.0),
        (429, error(next_available_at="2026-11-22T12:00:30Z"), 30.0),
        (429, error(resets_in="1h 5m"), 3_900.0),
        (429, {"detail": {"message": "x", "wait": "30 seconds"}}, 30.0),
        (429, {"message": "x", "expires_at": "2026-11-22T12:10:00Z"}, None),
    ],
)
def test_the_wish_is_read_from_bodies(status: int, body: Any, wish: float | None) -> None:
    assert read(status, body).retry_after_s == (None if wish is None else pytest.approx(wish))


@pytest.mark.parametrize(
    ("day", "seconds"),
    [("2026-03-07", 8 * 3_600), ("2026-03-08", 7 * 3_600), ("2026-10-31", 7 * 3_600), ("2026-11-01", 8 * 3_600)],
)
def test_a_zone_that_a_sentence_names_keeps_its_summer_time(day: str, seconds: float) -> None:
    midnight = datetime.fromisoformat(f"{day}T00:00:00Z")
    assert ahead_s("resets at midnight Pacific time", midnight) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("6ms", 0.006),
        ("8.64s", 8.64),
        ("1m30s", 90.0),
        ("2m59.56s", 179.56),
        ("24483.58", 24483.58),
        ("1h2m", 3720.0),
        ("1d", 86_400.0),
        ("", None),
        ("s", None),
        ("-1s", None),
        ("1m30", None),
        ("2026-11-22T12:00:00Z", None),
    ],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert duration_s(text) == (None if seconds is None else pytest.approx(seconds))
