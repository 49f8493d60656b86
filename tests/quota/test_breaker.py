"""The breaker and the cool-down, as two processes see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.errors import Auth, BadRequest, Credits, LLMError, QuotaSpent, RateLimited, Server
from core.providers.limits import Meter, window_at
from core.records import RateLimitReading
from core.store.database import Database
from core.store.quota.breaker import Breaker, Target, cool_until
from tests.quota.conftest import START, Frozen

GROQ = Target("groq", "small", "k1")


class Process(Breaker):
    def __init__(self, database: Database, name: str, clock: Frozen) -> None:
        super().__init__(database, name, now=clock, clock=lambda: clock() / 1e6, read_every_s=0)


@pytest.fixture
def pair(database: Database, clock: Frozen) -> tuple[Process, Process]:
    return Process(database, "one", clock), Process(database, "two", clock)


Pair = tuple[Process, Process]


def fail(breaker: Breaker, times: int, clock: Frozen, every_s: float = 1) -> None:
    for _ in range(times):
        breaker.note(GROQ, Server("broken"))
        clock.move(seconds=every_s)


def test_five_failures_in_a_minute_open_it_for_everybody(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    fail(first, 3, clock)
    fail(second, 1, clock)
    assert second.admit(GROQ) is None
    fail(first, 1, clock, every_s=0)
    for breaker in pair:
        rest = breaker.admit(GROQ)
        assert rest is not None
        assert (rest.why, rest.until) == ("failures", clock.at + timedelta(seconds=30))
    assert first.admit(Target("groq", "big", "k1")) is None
    assert first.admit(Target("groq", "small", "k2")) is None


def test_five_failures_in_more_than_a_minute_do_not(pair: Pair, clock: Frozen) -> None:
    fail(pair[0], 12, clock, every_s=16)
    assert pair[1].admit(GROQ) is None


def test_one_process_probes_and_success_closes(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    fail(first, 5, clock)
    clock.move(seconds=30)
    assert first.admit(GROQ) is None
    waiting = second.admit(GROQ)
    assert waiting is not None
    assert waiting.probing
    first.note(GROQ)
    assert second.admit(GROQ) is None
    fail(second, 4, clock)
    assert first.admit(GROQ) is None, "it counts from the beginning again"


def test_a_failed_probe_doubles_the_pause_up_to_ten_minutes(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    fail(first, 5, clock, every_s=0)
    pauses = []
    for _ in range(7):
        rest = second.admit(GROQ)
        assert rest is not None
        assert rest.until is not None
        pauses.append((rest.until - clock.at).total_seconds())
        clock.at = rest.until
        assert first.admit(GROQ) is None
        first.note(GROQ, Server("still broken"))
    assert pauses == [30, 60, 120, 240, 480, 600, 600]


def test_a_probe_whose_process_died_is_claimed_again(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    fail(first, 5, clock)
    clock.move(seconds=30)
    assert first.admit(GROQ) is None
    clock.move(seconds=181)
    assert second.admit(GROQ) is None
    assert first.admit(GROQ) is not None


def test_a_probe_that_says_nothing_lets_the_next_one_try(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    fail(first, 5, clock)
    clock.move(seconds=30)
    assert first.admit(GROQ) is None
    first.note(GROQ, BadRequest("no such parameter"))
    assert second.admit(GROQ) is None


def test_what_is_our_own_fault_does_not_count(pair: Pair, clock: Frozen) -> None:
    for _ in range(9):
        pair[0].note(GROQ, BadRequest("no"))
    assert pair[1].admit(GROQ) is None


def test_a_429_rests_until_its_reset_and_an_answer_on_its_way_changes_nothing(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    first.note(GROQ, RateLimited("slow down", retry_after_s=17))
    first.note(GROQ, RateLimited("slow down", retry_after_s=2))
    second.note(GROQ)
    rest = second.admit(GROQ)
    assert rest is not None
    assert (rest.why, rest.until) == ("rate_limited", clock.at + timedelta(seconds=17))
    clock.move(seconds=17)
    assert second.admit(GROQ) is None


def test_a_refused_key_rests_with_all_its_models_until_it_changes(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    first.note(GROQ, Auth("no"))
    clock.move(days=400)
    rest = second.admit(Target("groq", "big", "k1"))
    assert rest is not None
    assert (rest.why, rest.until) == ("auth", None)
    assert second.admit(Target("groq", "big", "k2")) is None
    second.clear(GROQ)
    assert first.admit(GROQ) is None


def test_another_process_reads_at_most_every_two_seconds(sqlite: Database, clock: Frozen) -> None:
    ticks = [0.0]
    slow = Breaker(sqlite, "slow", now=clock, clock=lambda: ticks[0])
    assert slow.admit(GROQ) is None
    Process(sqlite, "other", clock).note(GROQ, RateLimited("no", retry_after_s=100))
    ticks[0] = 1.9
    assert slow.admit(GROQ) is None
    ticks[0] = 2.1
    assert slow.admit(GROQ) is not None


PACIFIC = Meter("m", "gemini", "model", "flash", "k", "requests", "day", None, "America/Los_Angeles")
MIDNIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "seen", "until"),
    [
        (RateLimited("x", retry_after_s=7), [], START + timedelta(seconds=7)),
        (RateLimited("x"), [], START + timedelta(seconds=60)),
        (RateLimited("x"), [("minute", 5, 0, 20)], START + timedelta(seconds=20)),
        (QuotaSpent("x", retry_after_s=48), [("day", 20, 0, None)], MIDNIGHT),
        (RateLimited("x", retry_after_s=48), [("minute", 5, 0, 48), ("day", 20, 0, None)], MIDNIGHT),
        (QuotaSpent("x", retry_after_s=546), [], START + timedelta(seconds=546)),
        (QuotaSpent("x"), [("day", 50, 0, 3600)], START + timedelta(hours=1)),
        (QuotaSpent("x"), [("month", 1000, 0, None)], datetime(2026, 12, 1, 8, tzinfo=UTC)),
        (Credits("x"), [], MIDNIGHT),
        (Auth("x"), [], None),
        (QuotaSpent("x"), [("day", 0, 0, None)], None),
    ],
)
def test_how_long_a_refusal_lasts(
    error: LLMError, seen: list[tuple[Any, Any, Any, float | None]], until: datetime
) -> None:
    readings = [
        RateLimitReading("requests", per, limit, left, START + timedelta(seconds=after) if after else None, "error")
        for per, limit, left, after in seen
    ]
    assert cool_until(error, START, [PACIFIC], readings) == until


def test_no_credit_binds_what_costs_money_until_the_providers_midnight(pair: Pair, clock: Frozen) -> None:
    first, second = pair
    paid, free = Target("zhipu", "glm-4.6", "k"), Target("zhipu", "glm-4.7-flash", "k", free=True)
    first.note(paid, Credits("no balance"), zone="Asia/Shanghai")
    rest = second.admit(Target("zhipu", "glm-5", "k"))
    assert rest is not None
    assert rest.until == window_at("day", "Asia/Shanghai", clock.at)[1]
    assert second.admit(free) is None
    second.note(free, Credits("a negative balance"), zone="Asia/Shanghai")
    assert first.admit(free) is not None
    assert first.admit(Target("zhipu", "glm-4.6v-flash", "k", free=True)) is None
    first.clear(paid)
    assert second.admit(paid) is None
    assert second.admit(free) is not None
