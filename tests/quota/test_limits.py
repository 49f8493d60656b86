"""Windows in the provider's own zone, pools, needs and forecasts: arithmetic with a given instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.providers import catalog
from core.providers.limits import (
    Forecast,
    forecast,
    how_many,
    key_hash,
    meters_of,
    need,
    price,
    window_at,
    window_of,
)
from core.records import Per, Window
from tests.quota.conftest import START, ask, limit, provider


def walk(zone: str, per: Per, start: datetime, end: datetime, step: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """The windows a frozen clock meets on its way, each once."""
    at, last = start, None
    while at < end:
        window = window_at(per, zone, at)
        assert window[1] is not None
        assert window[0] <= at < window[1]
        if window != last:
            yield window[0], window[1]
        last = window
        at += step


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Asia/Shanghai"])
@pytest.mark.parametrize("change", [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
def test_every_window_across_midnight_and_daylight_saving(zone: str, change: datetime) -> None:
    """Windows follow each other without a gap or an overlap, and days begin at local midnight."""
    start, end = change - timedelta(days=1, hours=12), change + timedelta(days=2, hours=12)
    for per, step in (("minute", 20), ("hour", 300), ("day", 900), ("month", 3600)):
        length = end if per != "minute" else start + timedelta(hours=15)
        windows = list(walk(zone, per, start, length, timedelta(seconds=step)))  # type: ignore[arg-type]
        assert all(earlier[1] == later[0] for earlier, later in pairwise(windows))
        for begins, _ in windows:
            local = begins.astimezone(ZoneInfo(zone))
            assert (local.second, local.microsecond) == (0, 0)
            assert per == "minute" or local.minute == 0
            assert per in ("minute", "hour") or local.hour == 0
            assert per != "month" or local.day == 1
    days = [end - begin for begin, end in walk(zone, "day", start, end, timedelta(hours=1))]
    changed = {"America/Los_Angeles": [timedelta(hours=23), timedelta(hours=25)][change.month == 11]}
    assert set(days) == {timedelta(days=1), changed.get(zone, timedelta(days=1))}


def test_a_clock_in_universal_time_gets_the_pacific_day_wrong() -> None:
    """The failing control: days cut at midnight UTC are not Gemini's days."""
    evening = datetime(2026, 7, 1, 1, tzinfo=UTC)
    assert window_at("day", "America/Los_Angeles", evening)[0] == datetime(2026, 6, 30, 7, tzinfo=UTC)
    assert window_at("day", "UTC", evening)[0] != window_at("day", "America/Los_Angeles", evening)[0]


@pytest.mark.parametrize(
    ("zone", "at", "start", "end"),
    [
        # Beirut has no midnight on the day its summer begins, Havana has two on the day it ends.
        ("Asia/Beirut", "2026-03-29T05:00+03:00", "2026-03-28T22:00+00:00", "2026-03-29T21:00+00:00"),
        ("Asia/Beirut", "2026-03-28T23:59+02:00", "2026-03-27T22:00+00:00", "2026-03-28T22:00+00:00"),
        ("America/Havana", "2026-11-01T00:30-05:00", "2026-11-01T04:00+00:00", "2026-11-02T05:00+00:00"),
        ("America/Havana", "2026-11-01T00:30-04:00", "2026-11-01T04:00+00:00", "2026-11-02T05:00+00:00"),
        ("Nowhere/Atall", "2026-11-01T00:30+00:00", "2026-11-01T00:00+00:00", "2026-11-02T00:00+00:00"),
        ("Asia/Kolkata", "2026-11-01T00:30+05:30", "2026-10-31T18:30+00:00", "2026-11-01T18:30+00:00"),
    ],
)
def test_odd_midnights(zone: str, at: str, start: str, end: str) -> None:
    window = window_at("day", zone, datetime.fromisoformat(at))
    assert window == (datetime.fromisoformat(start), datetime.fromisoformat(end))


def test_what_has_no_end() -> None:
    assert window_at("once", "UTC", START)[1] is None
    assert window_at("at_once", "UTC", START)[1] is None


def test_the_meters_of_the_catalogue(tmp_path: Path) -> None:
    providers = catalog.load(folder=tmp_path).providers
    free = meters_of(providers["openrouter"], "google/gemma-4-31b-it:free", "k")
    assert [(meter.pool, meter.per, meter.amount) for meter in free] == [
        ("account", "day", 50),
        ("account", "minute", 20),
    ]
    assert meters_of(providers["openrouter"], "openrouter/free", "k") == free
    assert meters_of(providers["openrouter"], "anthropic/claude", "k") == []
    assert {meter.id for meter in free}.isdisjoint(
        meter.id for meter in meters_of(providers["openrouter"], "x:free", "j")
    )
    flash, older_flash = (
        meters_of(providers["gemini"], name, "k") for name in ("gemini-3.5-flash", "gemini-2.5-flash")
    )
    assert {meter.id for meter in flash}.isdisjoint(meter.id for meter in older_flash)
    assert {meter.zone for meter in flash} == {"America/Los_Angeles"}
    assert {meter.key_hash for meter in meters_of(providers["llm7"], "any", "k")} == {""}
    for each in providers.values():
        for model in each.models:
            for meter in meters_of(each, model.name, "k"):
                window_of(meter, START)


def test_of_two_rows_for_one_counter_the_smaller_rules() -> None:
    (meter,) = meters_of(provider(limit(50), limit(20), limit(None)), "small")
    assert meter.amount == 20


def test_a_key_is_told_by_its_hash_and_its_provider() -> None:
    assert key_hash("groq", "k") != key_hash("openai", "k") != key_hash("openai", "j")
    assert key_hash("groq", None) == key_hash("groq", "") == ""


def test_needs_that_are_unknown_stay_unknown() -> None:
    planned = ask(provider(), input_tokens=None)
    assert (need("tokens", planned), need("usd", planned), need("neurons", planned), need("requests", planned)) == (
        None,
        None,
        None,
        1,
    )
    free = replace(planned, model=replace(planned.model, free=True))
    assert need("usd", free) == 0


def window(remaining: int | None, total: int | None = 20, per: Per = "day", **fields: object) -> Window:
    (meter,) = meters_of(provider(limit(total, per=per)), "small", "k")
    left = None if remaining is None else Decimal(remaining)
    return replace(window_of(meter, START), remaining=left, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("remaining", "asks", "state"),
    [
        (20, 1, "fits"),
        (5, 1, "fits"),
        (4, 1, "tight"),
        (1, 1, "tight"),
        (1, 2, "over"),
        (0, 1, "over"),
        (None, 1, "unknown"),
    ],
)
def test_price_states(remaining: int | None, asks: int, state: str) -> None:
    planned = ask(provider(limit(20)))
    (line,) = price([planned] * asks, [[window(remaining)]] * asks)
    assert line.state == state
    assert line.requests is not None
    assert line.requests.needed == asks


def test_ten_more_comparisons() -> None:
    planned = ask(provider(limit(20)))
    assert how_many([planned, planned], [[window(20)], [window(20)]]) == 10
    assert how_many([planned], [[window(None)]]) is None
    assert how_many([planned], [[]]) is None


def test_a_forecast_says_when_it_ends_if_the_reset_does_not_come_first() -> None:
    begins = START.replace(hour=0, minute=0, second=0)
    four = begins + timedelta(hours=4)
    half = window(10, used=Decimal(10))
    a_sixth: Any = pytest.approx(1 / 6)
    assert forecast(half, four) == Forecast(Decimal("2.5"), four + timedelta(hours=4), Decimal(0), a_sixth)
    slow = forecast(window(19, used=Decimal(1)), four)
    assert slow is not None
    assert (slow.ends_at, slow.left_at_reset) == (None, 14)
    prediction = forecast(window(10, used=Decimal(0)), four)
    assert prediction is not None
    assert prediction.ends_at == four + timedelta(hours=4), "what others used of the same key counts as well"
    lately = forecast(half, four, (Decimal(10), timedelta(hours=1)))
    assert lately is not None
    assert lately.ends_at == four + timedelta(hours=1)
    idle = forecast(window(20), four)
    assert idle is not None
    assert idle.ends_at is None
    assert forecast(window(None), four) is None


def test_calls_that_only_have_to_follow_each_other_fit() -> None:
    calls = [ask(provider())] * 3
    (line,) = price(calls, [[window(1, 1, "second")]] * 3)
    assert (line.state, line.needs[0].each) == ("fits", Decimal(1))
    assert price(calls, [[window(1, 1, "minute")]] * 3)[0].state == "over"
