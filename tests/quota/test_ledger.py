"""Reserve, settle, expire, correct: on both databases, with a clock that stands still."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from core.providers.limits import PlannedCall, key_hash
from core.records import Model, RateLimitReading, Usage, Window
from core.store.database import Database
from core.store.opening import open_database
from core.store.quota import ledger, view
from core.store.quota.grants import CannotCount, DoesNotFit, Hold, Uncounted
from core.store.quota.tables import holds, meters
from tests.quota.conftest import START, Frozen, ask, limit, provider


def hold(database: Database, planned: PlannedCall, clock: Frozen) -> str:
    (grant,) = ledger.reserve(database, "ana", [planned], now=clock).grants
    assert isinstance(grant, Hold)
    return grant.hold_id


def only(database: Database, planned: PlannedCall, clock: Frozen) -> Window:
    ((window,),) = view.of_asks(database, [planned], now=clock)
    return window


def counts(window: Window) -> tuple[int, int, int | None]:
    return int(window.used), int(window.reserved), None if window.remaining is None else int(window.remaining)


def test_a_call_is_held_then_counted(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(10)))
    held = hold(database, planned, clock)
    assert counts(only(database, planned, clock)) == (0, 1, 9)
    assert ledger.sending(database, held, 60, now=clock)
    assert ledger.settle(database, held, now=clock)
    assert counts(only(database, planned, clock)) == (1, 0, 9)
    assert not ledger.settle(database, held, now=clock)
    assert not ledger.sending(database, held, 60, now=clock)


def test_a_call_that_was_not_sent_costs_nothing(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(1)))
    assert ledger.settle(database, hold(database, planned, clock), sent=False, now=clock)
    assert counts(only(database, planned, clock)) == (0, 0, 1)


def test_what_does_not_fit_is_refused_with_the_window_and_its_reset(database: Database, clock: Frozen) -> None:
    of = provider(limit(100, per="minute", unit="tokens"), limit(10))
    hold(database, ask(of, input_tokens=60, output_tokens=0), clock)
    (grant,) = ledger.reserve(database, "ana", [ask(of, input_tokens=60, output_tokens=0)], now=clock).grants
    assert isinstance(grant, DoesNotFit)
    assert (grant.window.unit, grant.window.per, grant.needed) == ("tokens", "minute", 60)
    assert grant.resets_at == datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
    requests, tokens = view.of_asks(database, [ask(of)], now=clock)[0]
    assert (requests.reserved, tokens.reserved) == (1, 60)


def test_all_lanes_of_a_comparison_in_one_go_and_the_first_come_first(database: Database, clock: Frozen) -> None:
    shared, other = provider(limit(2)), provider(limit(5, pool="model"), name="beta")
    asks = [ask(shared), ask(other), ask(shared, "big"), ask(shared)]
    reserved = ledger.reserve(database, "ana", asks, now=clock)
    kinds = [type(grant) for grant in reserved.grants]
    assert kinds == [Hold, Hold, Hold, DoesNotFit]
    assert not reserved.all_granted


def test_a_lane_that_fails_later_takes_nothing_from_the_others(database: Database, clock: Frozen) -> None:
    of = provider(limit(1), limit(0, pool="model", models=("big",)))
    reserved = ledger.reserve(database, "ana", [ask(of, "big"), ask(of, "small")], now=clock)
    assert [type(grant) for grant in reserved.grants] == [DoesNotFit, Hold]


def test_pools(database: Database, clock: Frozen) -> None:
    of = provider(limit(10, pool="account"), limit(10, pool="model"), limit(10, pool="ip", per="minute"))
    for planned in (ask(of), ask(of, "big"), ask(of, key_hash="k2")):
        hold(database, planned, clock)
    reserved = {(w.pool, w.scope, w.key_hash): int(w.reserved) for w in view.windows(database, [(of, "k1")], now=clock)}
    assert reserved == {
        ("account", "*", "k1"): 2,
        ("model", "small", "k1"): 1,
        ("model", "big", "k1"): 1,
        ("ip", "*", ""): 3,
    }


def test_what_was_said_without_a_key_binds_no_key(database: Database, clock: Frozen) -> None:
    of = provider()
    readings = [RateLimitReading("requests", "day", Decimal(5), Decimal(0))]
    ledger.settle(database, hold(database, ask(of, key_hash=""), clock), seen=readings, now=clock)
    assert isinstance(ledger.reserve(database, "ana", [ask(of, key_hash="")], now=clock).grants[0], DoesNotFit)
    hold(database, ask(of), clock)


def test_tokens_settle_at_what_the_provider_counted(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(1000, unit="tokens", per="minute")))
    for usage, outcome, used in (
        (Usage(10, 20), "ok", 30),
        (None, "timeout", 150),
        (Usage(10, None), "truncated", 150),
        (None, "rate_limited", 0),
    ):
        before = only(database, planned, clock).used
        ledger.settle(database, hold(database, planned, clock), outcome=outcome, usage=usage, now=clock)
        assert only(database, planned, clock).used - before == used


def test_money(database: Database, clock: Frozen) -> None:
    of = provider(limit(10, unit="usd", per="month"))
    priced = Model("acme/small", "small", "acme", usd_per_million_in=Decimal(1), usd_per_million_out=Decimal(4))
    planned = ask(of, model="small")
    planned = PlannedCall(of, priced, "k1", input_tokens=1_000_000, output_tokens=500_000)
    held = hold(database, planned, clock)
    assert only(database, planned, clock).reserved == 3
    ledger.settle(database, held, cost_usd=Decimal("0.000000012345"), now=clock)
    assert only(database, planned, clock).remaining == Decimal("9.999999987655")
    unpriced = ask(of)
    ledger.settle(database, hold(database, unpriced, clock), now=clock)
    assert only(database, unpriced, clock).remaining is None, "a call without a price makes the rest unknown"


def test_at_once_counts_only_what_runs(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(1, per="at_once")))
    held = hold(database, planned, clock)
    assert isinstance(ledger.reserve(database, "ana", [planned], now=clock).grants[0], DoesNotFit)
    ledger.settle(database, held, now=clock)
    assert counts(only(database, planned, clock)) == (0, 0, 1)


def test_a_limit_of_unknown_size_is_unknown_until_somebody_says(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(None)))
    assert only(database, planned, clock).remaining is None
    held = hold(database, planned, clock)
    ledger.settle(database, held, seen=[RateLimitReading("requests", "day", Decimal(50), Decimal(7))], now=clock)
    window = only(database, planned, clock)
    assert (window.limit, window.remaining, window.source, window.seen_at) == (50, 7, "header", START)


def test_the_lower_number_rules_at_once_the_higher_from_the_next_window(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(20)))
    ledger.settle(
        database,
        hold(database, planned, clock),
        seen=[RateLimitReading("requests", "day", Decimal(100), Decimal(3))],
        now=clock,
    )
    window = only(database, planned, clock)
    assert (window.limit, window.remaining, window.used) == (20, 3, 1)
    ledger.settle(
        database,
        hold(database, planned, clock),
        seen=[RateLimitReading("requests", "day", None, Decimal(90))],
        now=clock,
    )
    assert only(database, planned, clock).remaining == 2, "a higher number is not believed in this window"
    clock.move(days=1)
    window = only(database, planned, clock)
    assert (window.limit, window.remaining, window.source) == (100, 100, "counted")
    hold(database, planned, clock)
    assert counts(only(database, planned, clock)) == (0, 1, 99)


def test_answers_that_overlap_are_not_counted_twice(database: Database, clock: Frozen) -> None:
    """Two calls on their way, both in the number that comes with the first: nothing drifts."""
    planned = ask(provider(limit(20)))
    first, second = hold(database, planned, clock), hold(database, planned, clock)
    for held in (first, second):
        ledger.settle(database, held, seen=[RateLimitReading("requests", "day", Decimal(20), Decimal(18))], now=clock)
    assert counts(only(database, planned, clock)) == (2, 0, 18)


def test_a_number_for_a_limit_that_nobody_documents_makes_one(database: Database, clock: Frozen) -> None:
    of = provider()
    ledger.settle(
        database,
        hold(database, ask(of), clock),
        seen=[RateLimitReading("requests", "minute", Decimal(2), Decimal(1))],
        now=clock,
    )
    assert only(database, ask(of), clock).remaining == 1
    hold(database, ask(of), clock)
    assert isinstance(ledger.reserve(database, "ana", [ask(of)], now=clock).grants[0], DoesNotFit)
    assert view.of_asks(database, [ask(of, "big")], now=clock) == [[]], "another model is another pool"


def test_the_providers_own_reset_ends_the_window(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(20)))
    soon = START + timedelta(minutes=10)
    ledger.settle(
        database,
        hold(database, planned, clock),
        seen=[RateLimitReading("requests", "day", None, Decimal(0), soon)],
        now=clock,
    )
    (grant,) = ledger.reserve(database, "ana", [planned], now=clock).grants
    assert isinstance(grant, DoesNotFit)
    assert grant.resets_at == soon
    clock.move(minutes=10)
    hold(database, planned, clock)
    assert counts(only(database, planned, clock)) == (0, 1, 19)


def test_a_reset_that_cannot_be_is_not_believed(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(20)))
    for wrong in (START + timedelta(days=30), START - timedelta(days=1)):
        ledger.settle(
            database,
            hold(database, planned, clock),
            seen=[RateLimitReading("requests", "day", None, None, wrong)],
            now=clock,
        )
        assert only(database, planned, clock).resets_at == datetime(2026, 11, 23, tzinfo=UTC)


def test_a_head_may_tell_before_the_answer_ends(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(20)))
    held = hold(database, planned, clock)
    assert ledger.tell(database, held, [RateLimitReading("requests", "day", Decimal(20), Decimal(4))], now=clock)
    assert counts(only(database, planned, clock)) == (0, 1, 4)
    ledger.settle(database, held, now=clock)
    assert counts(only(database, planned, clock)) == (1, 0, 4)


def test_a_person_may_forget_what_a_provider_said(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(20)))
    ledger.settle(
        database,
        hold(database, planned, clock),
        seen=[RateLimitReading("requests", "day", Decimal(0), Decimal(0))],
        now=clock,
    )
    window = only(database, planned, clock)
    assert window.remaining == 0
    assert ledger.forget(database, window.id)
    assert counts(only(database, planned, clock)) == (1, 0, 19)


def test_a_person_may_insist(database: Database, clock: Frozen) -> None:
    of = provider(limit(1))
    hold(database, ask(of), clock)
    hold(database, ask(of, insist=True), clock)
    assert counts(only(database, ask(of), clock)) == (0, 2, 0)


def test_holds_of_a_process_that_died_expire(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(10), limit(1000, unit="tokens", per="once")))
    hold(database, planned, clock)
    sent = hold(database, planned, clock)
    ledger.sending(database, sent, 300, now=clock)
    assert ledger.expire(database, now=clock) == 0
    clock.move(seconds=ledger.HELD_S)
    assert ledger.expire(database, now=clock) == 1
    requests, tokens = view.of_asks(database, [planned], now=clock)[0]
    assert (counts(requests), counts(tokens)) == ((0, 1, 9), (0, 150, 850))
    clock.move(seconds=300)
    assert ledger.expire(database, now=clock) == 1
    requests, tokens = view.of_asks(database, [planned], now=clock)[0]
    assert (counts(requests), counts(tokens)) == ((1, 0, 9), (150, 0, 850))
    assert not ledger.settle(database, sent, usage=Usage(1, 1), now=clock), "what has expired stays counted in full"


def test_a_call_that_ends_in_the_next_window_counts_in_its_own(database: Database, clock: Frozen) -> None:
    planned = ask(provider(limit(10, per="minute")))
    late = hold(database, planned, clock)
    clock.move(minutes=1)
    hold(database, planned, clock)
    assert counts(only(database, planned, clock)) == (0, 2, 8), "still on its way, it may count in the new one"
    ledger.settle(database, late, now=clock)
    assert counts(only(database, planned, clock)) == (0, 1, 9)
    with database.read() as connection:
        assert connection.execute(select(meters.c.total)).scalar() == 1


def test_the_database_away_stops_shared_keys_and_lets_own_ones_go_on(tmp_path: Path) -> None:
    away = open_database("postgresql://nobody@127.0.0.1:1/none", tmp_path)
    of = provider(limit(10))
    reserved = ledger.reserve(away, "ana", [ask(of), ask(of, own=True)])
    assert [type(grant) for grant in reserved.grants] == [CannotCount, Uncounted]
    assert ledger.sending(away, None, 60)
    assert not ledger.settle(away, None)
    assert [window.remaining for window in view.of_asks(away, [ask(of)])[0]] == [None]
    away.close()


def test_the_price_before_the_click(database: Database, clock: Frozen) -> None:
    gemini = provider(limit(20, pool="model"), name="gemini")
    groq = provider(limit(1000, pool="model"), limit(8000, unit="tokens", per="minute"), name="groq")
    asks = [ask(gemini), ask(groq, input_tokens=200, output_tokens=40), ask(groq, "big", output_tokens=7600)]
    first, second = view.prices(database, asks, now=clock)
    assert first.requests
    assert second.tokens
    assert (first.state, first.requests.window.remaining, first.requests.needed) == ("fits", 20, 1)
    assert second.state == "tight"
    assert second.tokens.needed == 7940
    (over,) = view.prices(database, [ask(groq, output_tokens=9000)], now=clock)
    assert over.state == "over"
    (nothing,) = view.prices(database, [ask(provider(limit(None), name="x"))], now=clock)
    assert nothing.state == "unknown"


def test_keys_are_kept_only_as_hashes(database: Database, clock: Frozen) -> None:
    secret = "sk-this-is-a-secret-key"
    hold(database, ask(provider(limit(10)), key_hash=key_hash("acme", secret)), clock)
    with database.read() as connection:
        rows = [*connection.execute(select(meters)), *connection.execute(select(holds))]
    assert len(rows) == 2
    assert not any(secret[3:] in str(row) for row in rows)


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Asia/Shanghai"])
def test_a_day_is_refilled_at_the_providers_midnight(sqlite: Database, zone: str) -> None:
    """Minute by minute through two days, the change to winter time among them; every refill falls on local midnight."""
    from zoneinfo import ZoneInfo

    clock = Frozen(datetime(2026, 10, 31, 12, 0, 30, tzinfo=UTC))
    planned = ask(provider(limit(100_000, zone=zone)))
    refills = []
    used = 0
    for _ in range(2 * 24 * 4):
        ledger.settle(sqlite, hold(sqlite, planned, clock), now=clock)
        now_used = int(only(sqlite, planned, clock).used)
        if now_used <= used:
            refills.append(clock.at.astimezone(ZoneInfo(zone)))
        used = now_used
        clock.move(minutes=15)
    assert len(refills) == 2
    assert all((local.hour, local.minute) == (0, 0) for local in refills)
